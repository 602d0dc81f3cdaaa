// SPDX-License-Identifier: Apache-2.0
import type { Decoder, ServerFrame } from "@natswire/codec";
import type { Action, Credentials, Event, Session, SessionConfig, SubscriptionId } from "@natswire/session";
import { concat } from "../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../packages/fuzz/src/finding.ts";
import { outputsOf, segmentsOf } from "../../testkit/machine.ts";
import type { UnderTest } from "./under-test.ts";

/** The prefix of the subjects that replies are sent to: the random source returns zeros. */
export const INBOX = `_INBOX.${"0".repeat(16)}`;

/** A connection, from its dial action on. */
export interface Dialled {
  readonly to: (Action & { do: "dial" })["to"];
  isOpen: boolean;
  isSecure: boolean;
  /** How often a signature was requested. */
  signs: number;
  readonly said: Uint8Array[];
}

/** Drives a session, and checks after each call what must hold for every session. */
export class SessionPlay {
  readonly session: Session;
  readonly dialled: Dialled[] = [];
  /** All actions and events in order, each as it was at the time. */
  readonly told: string[] = [];
  /** The actions and events of the last call. */
  outputs: (Action | Event)[] = [];
  now = 0;
  closed = false;
  readonly live: Set<SubscriptionId> = new Set();
  /** The tickets of pending operations. Some of them may get more than one reply. */
  readonly open: Set<number> = new Set();
  readonly many: Set<number> = new Set();
  readonly #codec: UnderTest;
  #connection: Dialled | undefined;
  #asked: Action["do"] | undefined;
  #received: Decoder<ServerFrame>;

  constructor(codec: UnderTest, config: Partial<SessionConfig> & Pick<SessionConfig, "servers">) {
    this.#codec = codec;
    this.#received = new codec.Decoder(codec.serverFrames);
    this.session = new codec.Session({ random: (into) => void into.fill(0), noRandomize: true, ...config }, 0);
    this.settle();
  }

  /** The current connection, or the one that is being dialled. */
  get connection(): Dialled | undefined {
    return this.#connection;
  }

  opened(): void {
    if (this.#connection === undefined || this.#connection.isOpen) return;
    this.#connection.isOpen = true;
    this.#connection.isSecure ||= /^(wss|tls-first)$/.test(this.#connection.to.scheme);
    this.happens(() => this.session.opened(this.now));
  }

  secured(): void {
    if (!this.#answers("start-tls")) return;
    this.#connection!.isSecure = true;
    this.happens(() => this.session.secured(this.now));
  }

  signed(credentials: Credentials): void {
    if (this.#answers("sign")) this.happens(() => this.session.signed(credentials, this.now));
  }

  lost(): void {
    if (this.#connection === undefined) return;
    this.#connection = undefined;
    this.happens(() => this.session.lost("reset", this.now));
  }

  /** Passes received bytes, and overwrites them afterwards. */
  hear(bytes: Uint8Array): void {
    if (this.#connection?.isOpen !== true) return;
    const lent = bytes.slice();
    const isBroken = this.#isBroken(bytes);
    // Each subscription and each operation ends with at most two outputs. A failed connection has five: `close`, `disconnected`,
    // `reconnecting`, `connecting` and `dial`.
    const most = 5 + bytes.length + 2 * (this.live.size + this.open.size);
    const outputs = this.happens(() => this.session.received(lent, this.now), false);
    lent.fill(0xaa);
    if (isBroken && !outputs.some((one) => "do" in one && one.do === "close")) {
      throw new LawBroken("every protocol error of a server closes its connection in the same call");
    }
    if (outputs.length > most) throw new LawBroken("outputs are bounded by the bytes received", `${outputs.length}`);
  }

  pass(time: number): void {
    const end = this.now + time;
    for (let at = this.session.deadline; at !== undefined && at <= end; at = this.session.deadline) {
      this.now = Math.max(at, this.now);
      this.happens(() => this.session.elapsed(this.now));
    }
    this.now = end;
  }

  /** Passes an input, which must never throw. */
  happens(call: () => void, isWritten = true): readonly (Action | Event)[] {
    try {
      call();
    } catch (error) {
      throw new LawBroken("no input makes a session throw", String((error as Error).stack));
    }
    this.outputs = [];
    this.settle(isWritten);
    return this.outputs;
  }

  /** Makes a request, which may be rejected. */
  wishes(call: () => void): void {
    try {
      call();
    } catch (error) {
      if (!(error instanceof this.#codec.UsageError)) throw error;
    }
    this.settle();
  }

  /** Takes all actions and events, and the bytes to send if there is a connection for them. */
  settle(isWritten = true): void {
    for (const one of outputsOf(this.session)) {
      this.outputs.push(one);
      this.told.push(JSON.stringify(one, (_, value: unknown) => (value instanceof Uint8Array ? text(value) : value)));
      if ("do" in one) this.#act(one);
      else this.#check(one);
    }
    if (isWritten) this.write();
    const { deadline } = this.session;
    if (this.closed === (deadline !== undefined)) {
      throw new LawBroken("a session is closed or has a deadline");
    }
    const { published, confirmed, inFlight, buffered, unknown, dropped } = this.session.stats;
    const parts = [confirmed, inFlight, buffered, unknown, dropped];
    if (parts.reduce((sum, one) => sum + one) !== published || Math.min(...parts) < 0) {
      throw new LawBroken("the counts of messages add up", `${parts} are not ${published}`);
    }
  }

  write(): void {
    for (const bytes of segmentsOf(() => this.session.transmit())) {
      const connection = this.#connection;
      if (connection?.isOpen !== true) throw new LawBroken("nothing is sent without a connection", text(bytes));
      connection.said.push(bytes.slice());
      const { length } = bytes;
      this.session.released(length);
    }
  }

  /** Returns the frames that were sent, by connection. */
  frames(connection: Dialled): readonly { readonly op: string }[] {
    const { Decoder, clientFrames } = this.#codec;
    const decoder = new Decoder(clientFrames);
    decoder.push(concat(connection.said));
    const frames = [...decoder];
    if (decoder.buffered > 0) throw new LawBroken("what a session sends ends with a frame");
    return frames;
  }

  /** Closes the session, and checks that every operation was settled. */
  end(): void {
    this.happens(() => this.session.close(this.now));
    if (!this.closed) throw new LawBroken("a closed session reports it");
    if (this.open.size > 0) throw new LawBroken("every operation is settled in the end", [...this.open].join());
    if (this.live.size > 0) throw new LawBroken("every subscription ends", [...this.live].join());
    for (const connection of this.dialled) {
      const [first, ...others] = this.frames(connection);
      if ((first !== undefined && first.op !== "connect") || others.some(({ op }) => op === "connect")) {
        throw new LawBroken("CONNECT is sent first, and once");
      }
    }
  }

  /** Returns whether the connection waits for the next input. */
  #answers(what: Action["do"]): boolean {
    if (this.#connection === undefined || this.#asked !== what) return false;
    this.#asked = undefined;
    return true;
  }

  #act(action: Action): void {
    this.#asked = action.do;
    if (action.do === "dial") {
      this.#connection = { to: action.to, isOpen: false, isSecure: false, signs: 0, said: [] };
      this.dialled.push(this.#connection);
      this.#received = new this.#codec.Decoder(this.#codec.serverFrames);
    } else if (action.do === "close") {
      if (this.#connection === undefined) throw new LawBroken("close names an open connection");
      if (action.flushed) this.write();
      this.#connection = undefined;
    } else if (this.#connection?.isOpen !== true) throw new LawBroken("an action names the current connection");
    else if (action.do === "start-tls") this.#received = new this.#codec.Decoder(this.#codec.serverFrames);
    else if (action.do === "sign") {
      const { nonce } = action;
      if (++this.#connection.signs > 1) throw new LawBroken("at most one signature is requested per connection");
      if (nonce !== undefined && !/^[\w-]{11,128}$/.test(nonce)) throw new LawBroken("only a nonce is signed", nonce);
    }
  }

  #check(event: Event): void {
    if (this.closed && event.event !== "failed" && event.event !== "drained") {
      throw new LawBroken("closed is the last event", event.event);
    }
    if (event.event === "closed") this.closed = true;
    if (event.event === "message" && !this.live.has(event.to))
      throw new LawBroken("an ended subscription receives no message");
    if (event.event === "unsubscribed" && !this.live.delete(event.of)) throw new LawBroken("a subscription ends once");
    if (event.event === "reply" && !this.open.has(event.ticket))
      throw new LawBroken("a settled operation gets no reply");
    const isLast = "ticket" in event && (event.event !== "reply" || !this.many.has(event.ticket));
    if (isLast && !this.open.delete(event.ticket)) throw new LawBroken("each operation is settled once", event.event);
  }

  /** Returns whether a decoder of its own finds a fault in the bytes of this connection. */
  #isBroken(bytes: Uint8Array): boolean {
    this.#received.push(bytes.slice());
    try {
      while (this.#received.pull() !== undefined);
      return false;
    } catch {
      return true;
    }
  }
}

function text(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
