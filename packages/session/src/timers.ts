// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "./config.ts";

// The number of rings from which on empty ones are removed: many different durations must not take memory for good.
const MAX_EMPTY = 64;

/** A member of a ring: a timer, or the ring itself, which comes before its first timer and after its last. */
interface Member {
  at: Millis;
  previous: Member;
  next: Member;
}

/** A timer of one owner. It is started and stopped many times. */
export class Timer<T> implements Member {
  at: Millis = 0;
  previous: Member = this;
  next: Member = this;
  readonly owner: T;

  constructor(owner: T) {
    this.owner = owner;
  }
}

class Ring implements Member {
  at: Millis = Number.POSITIVE_INFINITY;
  previous: Member = this;
  next: Member = this;
}

/**
 * Timers that are started and stopped in constant time: one ring for each duration, in the order of their starts.
 *
 * Of timers with the same duration the one started first is due first, so none is sorted. No Map or Set holds them: the
 * tables that a Map replaces keep what was in them alive for long (`client request, 500 at once 16 B`).
 */
export class Timers<T> {
  readonly #rings = new Map<Millis, Ring>();

  /** When the next timer is due. */
  get deadline(): Millis | undefined {
    let first = Number.POSITIVE_INFINITY;
    for (const { next } of this.#rings.values()) if (next.at < first) first = next.at;
    return first === Number.POSITIVE_INFINITY ? undefined : first;
  }

  /** How many durations have a ring. */
  get durations(): number {
    return this.#rings.size;
  }

  /** Starts a timer. If it is running, it starts again. */
  start(timer: Timer<T>, duration: Millis, now: Millis): void {
    this.stop(timer);
    const ring = this.#ringOf(duration);
    timer.at = now + duration;
    timer.previous = ring.previous;
    timer.next = ring;
    ring.previous.next = timer;
    ring.previous = timer;
  }

  /** Stops a timer, if it is started. */
  stop(timer: Timer<T>): void {
    timer.previous.next = timer.next;
    timer.next.previous = timer.previous;
    timer.previous = timer.next = timer;
  }

  /** Stops a timer that is due, and returns its owner; `undefined` if none is due. */
  takeDue(now: Millis): T | undefined {
    for (const { next } of this.#rings.values()) {
      if (next.at > now || !(next instanceof Timer)) continue;
      this.stop(next);
      return next.owner;
    }
    return undefined;
  }

  #ringOf(duration: Millis): Ring {
    const known = this.#rings.get(duration);
    if (known !== undefined) return known;
    if (this.#rings.size >= MAX_EMPTY) this.#removeEmpty();
    const ring = new Ring();
    this.#rings.set(duration, ring);
    return ring;
  }

  #removeEmpty(): void {
    for (const [duration, ring] of this.#rings) if (ring.next === ring) this.#rings.delete(duration);
  }
}
