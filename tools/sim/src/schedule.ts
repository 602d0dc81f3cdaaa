// SPDX-License-Identifier: Apache-2.0

interface Entry {
  readonly at: number;
  readonly act: () => void;
}

/** What happens at which time. Entries of the same time happen in the order in which they were added. */
export class Schedule {
  readonly #entries: Entry[] = [];

  /** The time of the next entry. */
  get next(): number | undefined {
    return this.#entries[0]?.at;
  }

  at(at: number, act: () => void): void {
    let i = this.#entries.length;
    while (i > 0 && this.#entries[i - 1]!.at > at) i--;
    this.#entries.splice(i, 0, { at, act });
  }

  /** Removes and returns the next entry. */
  take(): () => void {
    return this.#entries.shift()!.act;
  }
}
