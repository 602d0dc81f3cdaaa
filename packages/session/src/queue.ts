// SPDX-License-Identifier: Apache-2.0

const TRIM = 1024;

/** First in, first out, at a constant cost. */
export class Queue<T> {
  readonly #items: T[] = [];
  #taken = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#taken++];
    if (item === undefined) this.#items.length = this.#taken = 0;
    // Or one that is never empty would grow for ever.
    else if (this.#taken >= TRIM && this.#taken * 2 > this.#items.length) {
      this.#items.splice(0, this.#taken);
      this.#taken = 0;
    }
    return item;
  }
}
