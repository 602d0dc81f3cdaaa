// SPDX-License-Identifier: Apache-2.0
import { encodeHeaders, MsgHeaders } from "@natswire/codec";
import type { Outcome } from "@natswire/session";
import type { Client } from "./client.ts";
import { DENIED } from "./host.ts";
import { hold } from "./laws.ts";
import type { PublishedMessage } from "./messages.ts";
import type { World } from "./world.ts";

const SUBJECTS = ["a", "b", "c.d", "c.e"];
/** The subject of requests. */
export const SERVICE = "svc";
const SMALL = [0, 5, 40, 300];
const LARGE = [2000, 9000, 20_000];

const headers = new MsgHeaders();
headers.append("Trace", "1");
const HEADERS = encodeHeaders(headers);

/** The part of a program that publishes and sends requests. */
export class Publisher {
  readonly #world: World;
  readonly #client: Client;
  /** The number of messages that the session accepted. */
  published = 0;
  // What each flush waits for, by ticket: a number of messages that were sent on its connection, or the messages that were buffered.
  readonly #flushes = new Map<number, number | readonly PublishedMessage[]>();
  #buffered: PublishedMessage[] = [];
  /** It published after the session was closed, before it received `closed`. */
  wasTooLate = false;

  constructor(world: World, client: Client) {
    this.#world = world;
    this.#client = client;
  }

  publishSome(): void {
    const { random, setup } = this.#world;
    const size = random.once(12) ? random.pick(LARGE) : random.pick(SMALL);
    const subject = setup.isAuthorized && random.once(15) ? DENIED : random.pick(SUBJECTS);
    for (let left = random.pick([1, 1, 3, 10]); left > 0; left--) this.publish(subject, size, random.once(6));
  }

  publish(subject: string, size: number, withHeaders = false): void {
    const { session } = this.#client;
    const isDown = session.info === undefined;
    const message = this.#world.messages.add(subject, size, isDown);
    const { payload } = message;
    const outgoing = { payload, headers: withHeaders ? HEADERS : undefined };
    const outcome = this.#try(size, () => session.publish(subject, outgoing));
    this.#note(`publish ${subject} ${payload.length} #${message.number}: ${outcome}`);
    message.isRefused = !this.#isCounted(outcome, isDown, size) || outcome === "dropped";
    this.#keep(message);
  }

  /** Records a message that the session may have buffered. */
  #keep(message: PublishedMessage): void {
    if (message.whileDown && !message.isRefused) this.#buffered.push(message);
  }

  #try(size: number, act: () => Outcome): Outcome | "too large" | "too late" {
    const { session } = this.#client;
    try {
      return act();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "CLOSED") {
        this.wasTooLate = true;
        return "too late";
      }
      const isTooLarge = session.info !== undefined && size >= this.#world.setup.maxPayload;
      if (code !== "TOO_LARGE" || !(isTooLarge || size > this.#client.config.maxPending)) throw error;
      this.#world.saw("tooLarge");
      return "too large";
    }
  }

  /** Returns whether the session counts the message as published. */
  #isCounted(outcome: Outcome | "too large" | "too late", isDown: boolean, size: number): boolean {
    const { saw } = this.#world;
    if (outcome === "full") saw("full");
    if (isDown && size > this.#world.setup.maxPayload && outcome === "accepted") saw("keptTooLarge");
    if (outcome === "refused")
      saw(isDown && this.#client.config.whileDisconnected === "reject" ? "refusedDown" : "refusedFull");
    if (outcome === "dropped") saw("droppedDown");
    if (outcome === "refused" || outcome.startsWith("too")) return false;
    this.published++;
    return true;
  }

  answer(reply: string): void {
    this.publish(reply, this.#world.random.pick(SMALL));
  }

  flush(): void {
    const { session, pending } = this.#client;
    const ticket = session.flush(this.#client.now());
    pending.add(ticket, "flush");
    this.#buffered = this.#buffered.filter(({ isSent }) => !isSent);
    // Without a connection, it waits for the next one, which begins with the buffered messages.
    this.#flushes.set(ticket, session.info === undefined ? this.#buffered : this.#client.accounting.sentCount);
  }

  /** Checks that the PONG of a flush confirms everything that was published before it, message by message. */
  flushed(ticket: number): void {
    const before = this.#flushes.get(ticket)!;
    const { confirmed } = this.#client.accounting;
    if (typeof before === "number")
      return hold("flushed", confirmed.length >= before, () => `${confirmed.length} of ${before} messages`);
    const { maxPayload } = this.#world.setup;
    for (const { number, isGivenUp, payload } of before) {
      const isConfirmed = isGivenUp || payload.length > maxPayload || confirmed.includes(number);
      hold("flushed", isConfirmed, () => `#${number}, which was buffered, is not confirmed`);
    }
  }

  request(): void {
    const { session, pending } = this.#client;
    const { random, messages, setup } = this.#world;
    const subject = setup.isAuthorized && random.once(10) ? DENIED : SERVICE;
    const timeout = random.pick([50, 400, 2000]);
    const noMux = random.once(6);
    const many = random.once(5)
      ? { maxMessages: random.pick([undefined, 2, 3]), stall: random.pick([undefined, 100]) }
      : undefined;
    const now = this.#client.now();
    const message = messages.add(subject, random.pick(SMALL), session.info === undefined);
    const before = session.stats;
    const ticket = session.request(subject, { payload: message.payload }, { timeout, noMux, many }, now);
    this.#note(`request ${subject} #${message.number} within ${timeout}${noMux ? ", own inbox" : ""}: ${ticket}`);
    this.#client.inboxes.open(ticket, message, noMux);
    // The session's clock may be behind: then the timeout ends before the session can notice.
    const by = Math.max(this.#client.clock + timeout, this.#world.now);
    pending.ask(ticket, subject, by, many === undefined ? 1 : (many.maxMessages ?? Number.POSITIVE_INFINITY));
    const after = session.stats;
    const isCounted = after.published > before.published;
    if (isCounted) this.published++;
    message.isRefused = !isCounted || after.dropped > before.dropped;
    this.#keep(message);
  }

  cancel(): void {
    const ticket = this.#client.pending.pick();
    if (ticket === undefined) return;
    this.#note(`cancel ${ticket}`);
    this.#client.pending.cancel(ticket);
    this.#client.inboxes.close(ticket);
    this.#client.session.cancel(ticket);
  }

  #note(line: string): void {
    this.#world.note(`${this.#client.name}: ${line}`);
  }
}
