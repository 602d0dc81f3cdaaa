// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "@natswire/io";
import type { CallbackWorld } from "./callback-world.ts";
import type { Participant } from "./participant.ts";
import type { WatchedSubscription } from "./watched-subscription.ts";

// Milliseconds: a closed connection may take to end; and a network without faults, for the answers that a drain needs.
const GRACE = 1000;
const ROUND_TRIPS = 800;

/** A drain of a connection. */
export interface Drain {
  /** Milliseconds. */
  readonly timeout: number;
  /** It must succeed, unless a callback is still running. */
  readonly isFinal: boolean;
}

/** The drains of a client, and what must hold at their end. */
export class Drains {
  readonly #world: CallbackWorld;
  readonly #participant: Participant;
  // The first drain of the connection: later ones wait for it.
  #first: { readonly limit: number; readonly began: number } | undefined;

  constructor(world: CallbackWorld, participant: Participant) {
    this.#world = world;
    this.#participant = participant;
  }

  /** The connection was lost while it drained. */
  lost(): void {
    this.#world.saw("drainCut");
  }

  async drain(connection: Connection, { timeout, isFinal }: Drain): Promise<void> {
    const { saw } = this.#world;
    const { subscriptions, requests, name } = this.#participant;
    const began = this.#world.now;
    const wasClosed = connection.isClosed;
    if (!wasClosed && subscriptions.some(({ waiting }) => waiting > 0)) saw("drainQueued");
    const isEnded = ({ subscription, running }: WatchedSubscription): boolean =>
      running > 0 && !connection.subscriptions.includes(subscription);
    if (!wasClosed && subscriptions.some(isEnded)) saw("drainEnded");
    const isBusy = subscriptions.some(({ running }) => running > 0);
    const isFirst = this.#first === undefined;
    const asked = isFirst ? [...requests] : [];
    if (!wasClosed) this.#first ??= { limit: began + timeout, began };
    const outcome = await outcomeOf(connection.drain({ timeout }));
    this.#world.note(`${name}: drained: ${outcome}`);
    // A drain after the first one ends as that did, or at its own timeout.
    if (wasClosed)
      return this.#hold(outcome === "CLOSED" || this.#first !== undefined, `closed, but drained: ${outcome}`);
    if (!isFirst && outcome === "TIMEOUT" && this.#isAt(this.#world.now, began + timeout)) return;
    this.#check(connection, outcome, isFinal && isFirst);
    const left = asked.filter((one) => requests.has(one)).length;
    if (outcome === "done" && !this.#participant.isClosedByProgram)
      this.#hold(left === 0, `the drain did not wait for ${left} requests`);
    if (isBusy && outcome === "done" && !this.#participant.isClosedByProgram) saw("drainWaited");
    if (outcome === "TIMEOUT") saw("drainTimeout");
  }

  async drainOne(connection: Connection, watched: WatchedSubscription, timeout: number): Promise<void> {
    const { saw } = this.#world;
    const began = this.#world.now;
    const isBusy = !watched.isIdle;
    const outcome = await outcomeOf(watched.subscription.drain({ timeout }));
    const { now } = this.#world;
    this.#world.note(`${this.#participant.name}: drained ${watched.subscription.sid}: ${outcome}`);
    const what = `the drain of sid ${watched.subscription.sid}`;
    if (outcome === "TIMEOUT") {
      saw("drainOneTimeout");
      return this.#hold(this.#isAt(now, began + timeout), `${what} timed out ${now - began - timeout} ms late`);
    }
    this.#hold(outcome === "done", `${what} ended: ${outcome}`);
    this.#hold(watched.isIdle || connection.isClosed, `${what} did not wait for ${watched.running} callbacks`);
    if (isBusy && !connection.isClosed) saw("drainOne");
  }

  #check(connection: Connection, outcome: string, isFinal: boolean): void {
    const { now, isDisturbed, lastJump } = this.#world;
    const { subscriptions, requests, busyUntil, isClosedByProgram, wasPaused } = this.#participant;
    const { limit, began } = this.#first!;
    const unfinished = subscriptions.filter(({ isIdle }) => !isIdle);
    // A callback must be running: messages that only wait for one do not excuse a timeout.
    const isBusy = requests.size > 0 || subscriptions.some(({ running }) => running > 0);
    const mayTimeOut = isBusy || busyUntil + ROUND_TRIPS > limit;
    this.#hold(connection.isClosed, "a drain ended, and the connection is open");
    this.#hold(now <= limit + GRACE || lastJump > began, `the drain ended ${now - limit} ms after its timeout`);
    if (isFinal)
      this.#hold(outcome === "done" || (outcome === "TIMEOUT" && mayTimeOut), `the last drain ended: ${outcome}`);
    const isCalm = !isDisturbed && !wasPaused && !isClosedByProgram;
    if (outcome === "TIMEOUT") {
      this.#hold(now >= limit, `the drain timed out ${limit - now} ms early`);
      const detail = `the drain timed out, although the last callback or request ended at ${busyUntil}`;
      this.#hold(!isCalm || mayTimeOut, detail);
    } else if (outcome === "done") {
      this.#hold(
        unfinished.length === 0 || isClosedByProgram,
        `the drain did not wait for ${unfinished.length} subscriptions`,
      );
      const isPrompt = !isCalm || now <= Math.max(began, busyUntil) + ROUND_TRIPS + GRACE;
      this.#hold(isPrompt, `the drain ended at ${now}, the last callback or request at ${busyUntil}`);
    } else this.#hold(outcome === "LOST" && isDisturbed, `the drain ended: ${outcome}`);
  }

  /** Returns whether a time is the limit, or the clock jumped past it. */
  #isAt(now: number, limit: number): boolean {
    return now === limit || (now > limit && this.#world.lastJump === now);
  }

  #hold(holds: boolean, detail: string): void {
    if (!holds) this.#world.fail("settled", `${this.#participant.name}: ${detail}`);
  }
}

/** Resolves to `done`, or to the code of the error. */
function outcomeOf(drain: Promise<void>): Promise<string> {
  return drain.then(
    () => "done",
    (error) => (error as { readonly code?: string }).code ?? String(error),
  );
}
