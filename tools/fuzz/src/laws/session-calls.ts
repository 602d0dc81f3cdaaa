// SPDX-License-Identifier: Apache-2.0
import type { ClientFrame } from "@natswire/codec";
import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { type Codec, sameBytes } from "../../../../packages/fuzz/src/reading.ts";
import { latin1 } from "../../../testkit/latin1.ts";
import type { Random } from "../../../testkit/random.ts";
import { fields } from "../generate.ts";
import { INBOX, SessionPlay } from "../session-play.ts";
import type { UnderTest } from "../under-test.ts";
import { fieldsOf, number, wrapped } from "./encoder.ts";

// Separates the calls.
const CALL = 0x1e;

interface Published {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly headers: Uint8Array | undefined;
  readonly payload: Uint8Array;
  /** Of a request. */
  readonly ticket?: number;
}

/** Generates the calls of a program, with fields that are rich in separators. */
export function calls(_: Codec, random: Random): Uint8Array {
  return concat(
    Array.from({ length: 1 + random.below(6) }, () => [
      Uint8Array.of(CALL),
      random.once(2)
        ? fields(random)
        : latin1(`${String.fromCharCode(random.below(64), random.below(100))}a.b\x1fc\x1f9`),
    ]).flat(),
  );
}

/**
 * Returns the laws of calls to a session. No injection: for any calls in any order, a call throws a typed error and sends nothing, or a server decodes what was meant
 * and nothing else.
 */
export function callLaws(codec: UnderTest): (input: Uint8Array) => void {
  return (input) => {
    const program = new Program(codec);
    for (let at = 0; at < input.length; ) {
      const end = input.indexOf(CALL, at + 1);
      program.call(input.subarray(at + 1, end < 0 ? input.length : end));
      at = end < 0 ? input.length : end;
    }
    program.check();
  };
}

class Program {
  readonly #play: SessionPlay;
  readonly #published: Published[] = [];
  readonly #patterns = new Set([`${INBOX}.*`]);
  readonly #sids = new Set<string>();
  readonly #requests = new Set<number>();
  #asked = 0;

  constructor(codec: UnderTest) {
    this.#play = new SessionPlay(codec, {
      servers: ["nats://127.0.0.1"],
      maxReconnectAttempts: -1,
      waitOnFirstConnect: true,
      reconnectDelay: () => 1,
      maxPending: 200,
    });
  }

  call(bytes: Uint8Array): void {
    const play = this.#play;
    const { session } = play;
    const odd = (bytes[1] ?? 0) >> 4;
    const [first = "", second, third, fourth] = fieldsOf(bytes.subarray(2));
    const one = wrapped(first, odd);
    const payload = latin1(third ?? "");
    switch ((bytes[0] ?? 0) % 12) {
      case 0:
        return this.#connect();
      case 1:
        return play.lost();
      case 2:
      case 3: {
        const message = { reply: second, headers: fourth === undefined ? undefined : latin1(fourth), payload };
        return play.wishes(() => {
          const outcome = session.publish(one, message);
          if (outcome === "accepted" || outcome === "full") this.#published.push({ subject: one, ...message });
        });
      }
      case 4:
      case 5:
        return play.wishes(() => {
          const max = third === undefined ? undefined : number(third);
          const sid = session.subscribe(one, { queue: second, max });
          play.live.add(sid);
          this.#patterns.add(one);
        });
      case 6:
        return play.wishes(() => session.unsubscribe(number(first), second === undefined ? undefined : number(second)));
      case 7:
      case 8:
        // No message of `publish` has such a reply subject, so the two are not confused.
        return play.wishes(() => this.#request(one, payload, second && `q.${second}`, fourth !== undefined));
      case 9:
        return play.wishes(() => {
          play.open.add(session.flush(play.now));
          this.#asked++;
        });
      case 10:
        return play.wishes(() => {
          play.open.add(session.drain(play.now, second === undefined ? undefined : number(second)));
          this.#asked++;
        });
      default:
        play.happens(() => session.consumed(number(first), number(second), number(third)));
        play.happens(() => session.cancel(number(first)));
        if (this.#requests.has(number(first))) play.open.delete(number(first));
        return play.pass(50);
    }
  }

  /** Checks that what was sent on all connections is what was meant. */
  check(): void {
    const open = new Set(this.#play.open);
    this.#play.end();
    const published: ClientFrame[] = [];
    let pings = 0;
    for (const connection of this.#play.dialled) {
      for (const frame of this.#play.frames(connection) as readonly ClientFrame[]) {
        if (frame.op === "pub") published.push(frame);
        else if (frame.op === "ping") pings++;
        else if (frame.op === "sub") this.#subscribed(frame.subject, frame.sid);
        else if (frame.op === "unsub" && !this.#sids.has(frame.sid))
          throw new LawBroken("UNSUB names a subscription that was made");
        else if (frame.op === "pong") throw new LawBroken("PONG only answers a PING");
      }
    }
    if (pings > this.#asked) throw new LawBroken("PING is only sent for a flush", `${pings} PINGs`);
    // What was never sent: requests that were given up, and what was buffered to the end.
    const left: Published[] = [];
    for (const one of this.#published) {
      if (published[0] !== undefined && isSame(one, published[0])) published.shift();
      else left.push(one);
    }
    const kept = left.filter(({ ticket }) => ticket === undefined || open.has(ticket));
    if (published.length > 0 || left.length !== this.#play.session.stats.dropped || !this.#isTail(kept, left))
      throw new LawBroken("a server decodes what was published and nothing else");
  }

  /** Returns whether nothing was sent that was published after the first of the messages that were kept to the end. */
  #isTail([first]: readonly Published[], left: readonly Published[]): boolean {
    return (
      first === undefined || this.#published.slice(this.#published.indexOf(first)).every((one) => left.includes(one))
    );
  }

  #connect(): void {
    const play = this.#play;
    if (play.connection === undefined) play.pass(5);
    if (play.connection?.isOpen !== false) return;
    play.opened();
    play.hear(latin1('INFO {"headers":true}\r\n'));
    play.happens(() => {});
    play.hear(latin1("PONG\r\n"));
    play.happens(() => {});
    this.#asked++;
  }

  #request(subject: string, payload: Uint8Array, reply: string | undefined, noMux: boolean): void {
    const { session, now, open } = this.#play;
    const before = session.stats.published;
    if (reply !== undefined) this.#patterns.add(reply);
    const ticket = session.request(subject, { payload }, { timeout: 1000, noMux, reply }, now);
    open.add(ticket);
    this.#requests.add(ticket);
    const prefix = reply ?? `${INBOX}.${noMux ? "own." : ""}`;
    const message = { subject, reply: prefix, headers: undefined, payload, ticket };
    if (session.stats.published > before) this.#published.push(message);
  }

  #subscribed(pattern: string, sid: string): void {
    if (!this.#patterns.has(pattern) && !pattern.startsWith(`${INBOX}.own.`)) {
      throw new LawBroken("SUB names a subject that was subscribed to", pattern);
    }
    this.#sids.add(sid);
  }
}

function isSame({ subject, reply, headers, payload }: Published, frame: ClientFrame): boolean {
  if (frame.op !== "pub" || frame.subject !== subject) return false;
  // The inbox of a request ends with a token of 16 characters.
  const isInbox = reply?.startsWith(INBOX) === true && reply.endsWith(".");
  if (isInbox ? frame.reply?.slice(0, -16) !== reply : frame.reply !== reply) return false;
  if ((frame.headers === undefined) !== (headers === undefined)) return false;
  return sameBytes(frame.payload, payload) && sameBytes(frame.headers ?? payload, headers ?? payload);
}
