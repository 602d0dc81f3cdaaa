// SPDX-License-Identifier: Apache-2.0
import { host } from "./platform.ts";

/** Time as a server sees it. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /**
   * Rings once after so many milliseconds.
   *
   * @returns takes it back
   */
  after(milliseconds: number, ring: () => void): () => void;
}

/** The time of the machine. What is longer than its timers can be, 24 days, is as long as they can be. */
export const realClock: Clock = {
  now: () => host.performance.now(),
  after(milliseconds, ring) {
    // A timer may fire a little early, and a delay above 31 bits would fire at once.
    const timer = host.setTimeout(ring, Math.min(Math.max(0, Math.ceil(milliseconds)), 0x7fffffff));
    return () => host.clearTimeout(timer);
  },
};

/** Time that passes only when it is told to: two minutes between PINGs take no time in a test. */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #alarms = new Set<{ readonly at: number; readonly ring: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, ring: () => void): () => void {
    const alarm = { at: this.#now + Math.max(0, milliseconds), ring };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Lets so many milliseconds pass; what was to happen in between happens in its order, each at its time. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
    this.#now = end;
  }

  /** Of those due, the earliest; of two at one time the one that was set first. */
  #next(end: number): { readonly at: number; readonly ring: () => void } | undefined {
    const due = [...this.#alarms].filter(({ at }) => at <= end);
    return due.reduce(
      (first: (typeof due)[0] | undefined, one) => (first === undefined || one.at < first.at ? one : first),
      undefined,
    );
  }
}

/** One alarm at a time, for a machine's `deadline`. */
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
   * Rings at this time instead of any other, or before: it is set again in each call, and what is set already is moved
   * only forward. `undefined` for not at all.
   */
  set(at: number | undefined): void {
    if (at === this.#at || (at !== undefined && this.#at !== undefined && at > this.#at)) return;
    this.#cancel();
    this.#at = at;
    if (at === undefined) return;
    this.#cancel = this.#clock.after(at - this.#clock.now(), () => {
      this.#at = undefined;
      this.#ring();
    });
  }
}
