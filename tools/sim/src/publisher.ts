// SPDX-License-Identifier: Apache-2.0
import { encodeHeaders, MsgHeaders } from "@natswire/codec";
import type { Outcome } from "@natswire/session";
import type { Client } from "./client.ts";
import { DENIED } from "./host.ts";
import type { World } from "./world.ts";

const SUBJECTS = ["a", "b", "c.d", "c.e"];
/** Where requests go. */
export const SERVICE = "svc";
const SMALL = [0, 5, 40, 300];
const LARGE = [2000, 9000, 20_000];

const headers = new MsgHeaders();
headers.append("Trace", "1");
const HEADERS = encodeHeaders(headers);

/** The part of a program that publishes and asks. */
export class Publisher {
  readonly #world: World;
  readonly #client: Client;
  /** Messages the session took. */
  published = 0;
  /** For each flush what had been said on its connection. */
  readonly flushes: Map<number, number> = new Map();
  /** It published when the session was closed, and did not know. */
  wasTooLate = false;

  constructor(world: World, client: Client) {
    this.#world = world;
    this.#client = client;
  }

  publishSome(): void {
    const { random, scene } = this.#world;
    const size = random.once(12) ? random.pick(LARGE) : random.pick(SMALL);
    const subject = scene.isAuthorized && random.once(15) ? DENIED : random.pick(SUBJECTS);
    for (let left = random.pick([1, 1, 3, 10]); left > 0; left--) this.publish(subject, size, random.once(6));
  }

  publish(subject: string, size: number, withHeaders = false): void {
    const { session } = this.#client;
    const isDown = session.info === undefined;
    const message = this.#world.ledger.enter(subject, size, isDown);
    const { payload } = message;
    const outgoing = { payload, headers: withHeaders ? HEADERS : undefined };
    const outcome = this.#tried(size, () => session.publish(subject, outgoing));
    this.#note(`publish ${subject} ${payload.length} #${message.number}: ${outcome}`);
    message.isRefused = !this.#isTaken(outcome, isDown, size) || outcome === "dropped";
  }

  #tried(size: number, act: () => Outcome): Outcome | "too large" | "too late" {
    const { session } = this.#client;
    try {
      return act();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "CLOSED") {
        this.wasTooLate = true;
        return "too late";
      }
      const isTooLarge = session.info !== undefined && size >= this.#world.scene.maxPayload;
      if (code !== "TOO_LARGE" || !(isTooLarge || size > this.#client.config.maxPending)) throw error;
      this.#world.saw("tooLarge");
      return "too large";
    }
  }

  /** Whether the session counts it. */
  #isTaken(outcome: Outcome | "too large" | "too late", isDown: boolean, size: number): boolean {
    const { saw } = this.#world;
    if (outcome === "full") saw("backpressure");
    if (isDown && size > this.#world.scene.maxPayload && outcome === "accepted") saw("keptTooLarge");
    if (outcome === "refused")
      saw(isDown && this.#client.config.whileDisconnected === "reject" ? "refusedDown" : "full");
    if (outcome === "dropped") saw("droppedDown");
    if (outcome === "refused" || outcome.startsWith("too")) return false;
    this.published++;
    return true;
  }

  answer(reply: string): void {
    this.publish(reply, this.#world.random.pick(SMALL));
  }

  flush(): void {
    const { session, questions } = this.#client;
    const ticket = session.flush(this.#client.now());
    questions.ask(ticket, "flush");
    this.flushes.set(ticket, this.#client.books.handed);
  }

  request(): void {
    const { session, questions } = this.#client;
    const { random, ledger } = this.#world;
    const timeout = random.pick([50, 400, 2000]);
    const noMux = random.once(6);
    const many = random.once(5)
      ? { maxMessages: random.pick([undefined, 2, 3]), stall: random.pick([undefined, 100]) }
      : undefined;
    const now = this.#client.now();
    const message = ledger.enter(SERVICE, random.pick(SMALL), session.info === undefined);
    const before = session.stats;
    const ticket = session.request(SERVICE, { payload: message.payload }, { timeout, noMux, many }, now);
    this.#note(`request ${SERVICE} #${message.number} within ${timeout}${noMux ? ", own inbox" : ""}: ${ticket}`);
    this.#client.inboxes.open(ticket, noMux);
    // Where the session was told of no later time, its time is over before it knows.
    const by = Math.max(this.#client.clock + timeout, this.#world.now);
    questions.ask(ticket, "request", by, many === undefined ? 1 : (many.maxMessages ?? Number.POSITIVE_INFINITY));
    const after = session.stats;
    const isTaken = after.published > before.published;
    if (isTaken) this.published++;
    message.isRefused = !isTaken || after.dropped > before.dropped;
  }

  cancel(): void {
    const ticket = this.#client.questions.pick();
    if (ticket === undefined) return;
    this.#note(`cancel ${ticket}`);
    this.#client.questions.cancel(ticket);
    this.#client.inboxes.close(ticket);
    this.#client.session.cancel(ticket);
  }

  #note(line: string): void {
    this.#world.note(`${this.#client.name}: ${line}`);
  }
}
