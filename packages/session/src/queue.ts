// SPDX-License-Identifier: Apache-2.0

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
    return item;
  }
}
