// SPDX-License-Identifier: Apache-2.0

interface Entry {
  readonly at: number;
  readonly act: () => void;
}

/** What is to happen and when; of two things at one time the one that was entered first comes first. */
export class Agenda {
  readonly #entries: Entry[] = [];

  get next(): number | undefined {
    return this.#entries[0]?.at;
  }

  at(at: number, act: () => void): void {
    let i = this.#entries.length;
    while (i > 0 && this.#entries[i - 1]!.at > at) i--;
    this.#entries.splice(i, 0, { at, act });
  }

  take(): () => void {
    return this.#entries.shift()!.act;
  }
}
