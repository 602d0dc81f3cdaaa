// SPDX-License-Identifier: Apache-2.0

// An empty queue with more room than this gives it up.
const MAX_EMPTY_ROOM = 4096;

/** A first-in, first-out queue: a ring that grows, so `push` and `shift` take constant time. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  /** How many items wait. */
  get size(): number {
    return this.#size;
  }

  /** Returns the oldest item without removing it; `undefined` if the queue is empty. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size++) & (this.#items.length - 1)] = item;
  }

  /** Removes and returns the oldest item; `undefined` if the queue is empty. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    if (--this.#size === 0 && this.#items.length > MAX_EMPTY_ROOM) {
      this.#items = [];
      this.#head = 0;
    }
    return item;
  }

  /** Removes every item. */
  clear(): void {
    this.#items = [];
    this.#head = this.#size = 0;
  }

  /** Grows to a power of two, so that an index needs a mask and no division. */
  #grow(): void {
    const items: (T | undefined)[] = this.#items.slice(this.#head);
    for (let i = 0; i < this.#head; i++) items.push(this.#items[i]);
    const room = Math.max(8, 2 * items.length);
    while (items.length < room) items.push(undefined);
    this.#items = items;
    this.#head = 0;
  }
}
