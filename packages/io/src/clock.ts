// SPDX-License-Identifier: Apache-2.0
import { badField } from "./bad-field.ts";
import { timers } from "./platform.ts";

/** A source of time and timers. */
export interface Clock {
  /** Returns monotonic milliseconds. */
  now(): number;
  /**
   * Calls `ring` once, after this many milliseconds.
   *
   * @param isIdle whether the process may end before, because no client is connected
   * @returns a function that cancels it
   */
  after(milliseconds: number, ring: () => void, isIdle?: boolean): () => void;
  /**
   * Returns milliseconds since 1970, for the modules of a server. It is read once, at the start. Without it they begin at
   * 2024-01-01T00:00:00Z.
   */
  wall?(): number;
}

/**
 * The machine's clock; fake timers of a test do not change it. A timer of more than 24 days, the longest that runtimes have,
 * fires after 24 days.
 */
export const realClock: Clock = {
  now: () => timers.now(),
  after(milliseconds, ring, isIdle) {
    // A timer may fire a little early, and a delay above 31 bits would fire at once.
    const timer = timers.setTimeout(ring, Math.min(Math.max(0, Math.ceil(milliseconds)), 0x7fffffff));
    // Deno's timers do not have it.
    if (isIdle) (timer as { unref?(): void }).unref?.();
    return () => timers.clearTimeout(timer);
  },
};

/**
 * Checks an option that is a clock.
 *
 * @throws UsageError BAD_FIELD if it is given and is not a clock
 */
export function checkClock(clock: unknown): void {
  if (clock === undefined) return;
  const { now, after } = (clock ?? {}) as Partial<Clock>;
  if (typeof now !== "function" || typeof after !== "function")
    throw badField("clock", "a Clock with now() and after()", clock);
}

/**
 * A clock that stands still until `pass` is called: two minutes between PINGs take no time in a test.
 *
 * @example
 * ```js
 * import { connectWith, pipe, serveWith, VirtualClock } from "@natswire/io";
 *
 * const { dial, listen } = pipe();
 * const clock = new VirtualClock();
 * const server = await serveWith(listen, { record: true, clock, pingInterval: 120_000 });
 * const client = await connectWith(dial, server.url);
 * clock.pass(120_000);
 * await server.transcript.expect({ op: "ping" }, { from: "server" });
 * await client.close();
 * await server.close();
 * ```
 */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #wallOrigin: number;
  readonly #alarms = new Set<{ readonly at: number; readonly ring: () => void }>();

  /**
   * @param wall the date at the beginning, in milliseconds since 1970; 2024-01-01T00:00:00Z by default
   * @throws UsageError BAD_FIELD if it is not a number
   */
  constructor(wall = 1_704_067_200_000) {
    if (!Number.isFinite(wall)) throw badField("wall", "milliseconds since 1970", wall);
    this.#wallOrigin = wall;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#wallOrigin + this.#now;
  }

  after(milliseconds: number, ring: () => void): () => void {
    const alarm = { at: this.#now + Math.max(0, milliseconds), ring };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /**
   * Lets this many milliseconds pass: calls the timers that become due, in order, each at its time.
   *
   * @throws UsageError BAD_FIELD if it is not a number of 0 or more
   */
  pass(milliseconds: number): void {
    if (!(Number.isFinite(milliseconds) && milliseconds >= 0))
      throw badField("milliseconds", "a number of 0 or more", milliseconds);
    const end = this.#now + milliseconds;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
    this.#now = end;
  }

  /** Returns the earliest timer that is due; of two at one time the one that was set first. */
  #next(end: number): { readonly at: number; readonly ring: () => void } | undefined {
    const due = [...this.#alarms].filter(({ at }) => at <= end);
    return due.reduce(
      (first: (typeof due)[0] | undefined, one) => (first === undefined || one.at < first.at ? one : first),
      undefined,
    );
  }
}

/** One timer at a time, for the `deadline` of a state machine. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #cancel: () => void = () => {};
  #at: number | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /**
   * Sets the time to ring, in place of an earlier call; `undefined` cancels it. It may ring before that time: a later time does
   * not change a timer that is set already.
   *
   * @param isIdle whether the process may end before
   */
  set(at: number | undefined, isIdle = false): void {
    if (at === this.#at || (at !== undefined && this.#at !== undefined && at > this.#at)) return;
    this.#cancel();
    this.#at = at;
    if (at === undefined) return;
    const ring = (): void => {
      this.#at = undefined;
      this.#ring();
    };
    this.#cancel = this.#clock.after(at - this.#clock.now(), ring, isIdle);
  }
}
