// SPDX-License-Identifier: Apache-2.0

/** The sequences of the messages of one subject, in order. */
export class SubjectSequences {
  // From `#start` on: what is before it was removed.
  #list: number[];
  #start = 0;

  constructor(sequence: number) {
    this.#list = [sequence];
  }

  /** How many there are; at least one. */
  get length(): number {
    return this.#list.length - this.#start;
  }

  get first(): number {
    return this.#list[this.#start]!;
  }

  get last(): number {
    return this.#list[this.#list.length - 1]!;
  }

  /** Adds a sequence above the last one. */
  add(sequence: number): void {
    this.#list.push(sequence);
  }

  /** Removes a sequence that is there. The shorter side moves. */
  remove(sequence: number): void {
    const list = this.#list;
    const i = this.#indexFrom(sequence);
    if (i - this.#start < list.length - i) {
      list.copyWithin(this.#start + 1, this.#start, i);
      this.#start++;
      if (this.#start > 32 && 2 * this.#start > list.length) {
        this.#list = list.slice(this.#start);
        this.#start = 0;
      }
    } else list.splice(i, 1);
  }

  /** Returns the first sequence from one on, if there is one. */
  next(from: number): number | undefined {
    return this.#list[this.#indexFrom(from)];
  }

  /** Returns the last sequence up to one, if there is one. */
  lastUpTo(sequence: number): number | undefined {
    const i = this.#indexFrom(sequence + 1) - 1;
    return i < this.#start ? undefined : this.#list[i];
  }

  /** Returns how many there are from a sequence on. */
  countFrom(from: number): number {
    return this.#list.length - this.#indexFrom(from);
  }

  /** Returns those up to a sequence. */
  upTo(sequence: number): number[] {
    return this.#list.slice(this.#start, this.#indexFrom(sequence + 1));
  }

  /** Returns the index of the first one that is not below a sequence. */
  #indexFrom(sequence: number): number {
    let low = this.#start;
    let high = this.#list.length;
    if (low < high && this.#list[low]! >= sequence) return low;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#list[middle]! < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
