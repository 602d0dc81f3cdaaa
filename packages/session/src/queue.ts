// SPDX-License-Identifier: Apache-2.0

// Room that is kept when it is empty.
const MAX_EMPTY_ROOM = 4096;

/** First in, first out, at a constant cost: a ring that grows. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  push(item: T): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size++) & (this.#items.length - 1)] = item;
  }

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

  /** To a power of two, so that a place is found without a division. */
  #grow(): void {
    const items: (T | undefined)[] = this.#items.slice(this.#head);
    for (let i = 0; i < this.#head; i++) items.push(this.#items[i]);
    const room = Math.max(8, 2 * items.length);
    while (items.length < room) items.push(undefined);
    this.#items = items;
    this.#head = 0;
  }
}
