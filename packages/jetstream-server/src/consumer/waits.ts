// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";

/** Slots that wait equally long, as a linked list: each is due after those before it. */
interface WaitList {
  wait: Millis;
  first: number;
  last: number;
}

const NONE = -1;
/** Empty lists are kept up to this number, so that the usual durations need none to be made. */
const KEPT = 8;

/**
 * What each pending message waits for: for its time, or to be delivered again.
 *
 * There is one list for each duration, in the order in which its time comes, and a queue of those to deliver again. So a change
 * costs the same for any number of messages.
 */
export class Waits {
  readonly #lists: WaitList[] = [];
  readonly #queue: WaitList = { wait: 0, first: NONE, last: NONE };
  #queued = 0;
  // By slot.
  readonly #list: (WaitList | undefined)[] = [];
  readonly #due: Millis[] = [];
  readonly #before: number[] = [];
  readonly #after: number[] = [];

  /** The slot that is to be delivered again first; -1 without one. */
  get queued(): number {
    return this.#queue.first;
  }

  /** How many are to be delivered again. */
  get queuedCount(): number {
    return this.#queued;
  }

  /** When the first time comes, if one does. */
  get next(): Millis | undefined {
    let next: Millis | undefined;
    for (const { first } of this.#lists) {
      if (first !== NONE && (next === undefined || this.#due[first]! < next)) next = this.#due[first]!;
    }
    return next;
  }

  /** Returns when the time of a slot comes. It is in the past if the slot is to be delivered again. */
  dueOf(slot: number): Millis {
    return this.#due[slot]!;
  }

  /** Returns whether a slot is to be delivered again. */
  isQueued(slot: number): boolean {
    return this.#list[slot] === this.#queue;
  }

  /** Has a slot wait for a duration from now on. Returns when its time comes. */
  start(slot: number, wait: Millis, now: Millis): Millis {
    this.stop(slot);
    this.#due[slot] = now + wait;
    let list: WaitList | undefined;
    for (const one of this.#lists) if (one.wait === wait) list = one;
    this.#append(slot, list ?? this.#newList(wait));
    return now + wait;
  }

  /** Has a slot delivered again, after those that are queued. */
  queue(slot: number): void {
    if (this.isQueued(slot)) return;
    this.stop(slot);
    this.#append(slot, this.#queue);
    this.#queued++;
  }

  /** Ends what a slot waits for. */
  stop(slot: number): void {
    const list = this.#list[slot];
    if (list === undefined) return;
    if (list === this.#queue) this.#queued--;
    const before = this.#before[slot]!;
    const after = this.#after[slot]!;
    if (before === NONE) list.first = after;
    else this.#after[before] = after;
    if (after === NONE) list.last = before;
    else this.#before[after] = before;
    this.#list[slot] = undefined;
  }

  /** Ends the wait of those whose time has come, and returns them. */
  takeDue(now: Millis): number[] {
    const due: number[] = [];
    for (const list of this.#lists) {
      for (let slot = list.first; slot !== NONE && this.#due[slot]! <= now; slot = list.first) {
        this.stop(slot);
        due.push(slot);
      }
    }
    return due;
  }

  /** Changes the durations, also for those that wait now. @param changed returns the new one of each */
  change(changed: (wait: Millis) => Millis): void {
    for (const list of this.#lists) {
      const more = changed(list.wait) - list.wait;
      list.wait += more;
      for (let slot = list.first; slot !== NONE; slot = this.#after[slot]!) this.#due[slot]! += more;
    }
  }

  #append(slot: number, list: WaitList): void {
    this.#list[slot] = list;
    this.#before[slot] = list.last;
    this.#after[slot] = NONE;
    if (list.last === NONE) list.first = slot;
    else this.#after[list.last] = slot;
    list.last = slot;
  }

  #newList(wait: Millis): WaitList {
    const free = this.#lists.length < KEPT ? undefined : this.#lists.find(({ first }) => first === NONE);
    if (free !== undefined) {
      free.wait = wait;
      return free;
    }
    const list = { wait, first: NONE, last: NONE };
    this.#lists.push(list);
    return list;
  }
}
