// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "./config.ts";
import type { ConnectionId } from "./outputs.ts";

/** When to look at a connection. */
interface Deadline {
  readonly at: Millis;
  readonly id: ConnectionId;
}

/**
 * The deadlines of all connections, as a binary heap: the earliest is known, and a change costs the logarithm of their number.
 *
 * One that no longer matters stays until its time. The timers of a session are rings, one for each duration; here the times at
 * which authorizations expire are all different.
 */
export class Deadlines {
  readonly #isOpen: (id: ConnectionId) => boolean;
  #heap: Deadline[] = [];
  #limit = 64;

  /** @param isOpen returns whether a connection exists: the deadlines of the others may be removed at any time */
  constructor(isOpen: (id: ConnectionId) => boolean) {
    this.#isOpen = isOpen;
  }

  /** The earliest, if there is one. */
  get next(): Millis | undefined {
    return this.#heap[0]?.at;
  }

  /** Adds one, unless it is infinite or `undefined`. */
  add(at: Millis | undefined, id: ConnectionId): void {
    if (at === undefined || at === Number.POSITIVE_INFINITY) return;
    if (this.#heap.length >= this.#limit) this.#removeClosed();
    const heap = this.#heap;
    let i = heap.length;
    const added = { at, id };
    for (let parent = (i - 1) >> 1; i > 0 && isBefore(added, heap[parent]!); parent = (i - 1) >> 1) {
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = added;
  }

  /** Removes those whose time has come. Returns their connections, the earliest first. */
  takeDue(now: Millis): ConnectionId[] {
    const due: ConnectionId[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      due.push(first.id);
      this.#removeFirst();
    }
    return due;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }

  #removeClosed(): void {
    // A sorted array is a heap.
    this.#heap = this.#heap.filter(({ id }) => this.#isOpen(id)).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#limit = Math.max(64, 2 * this.#heap.length);
  }
}

/** Of two at the same time, that of the older connection comes first. */
function isBefore(a: Deadline, b: Deadline): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}
