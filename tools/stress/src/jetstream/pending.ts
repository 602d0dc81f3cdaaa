// SPDX-License-Identifier: Apache-2.0

// Milliseconds: much longer than any operation's own timeout.
const LIMIT = 60_000;

/** The promises that were returned to the program and have not settled. */
export class Pending {
  readonly #entries = new Set<{ readonly what: string; readonly began: number }>();

  /** Watches a promise, and returns it. */
  watch<T>(what: string, promise: Promise<T>): Promise<T> {
    const entry = { what, began: performance.now() };
    this.#entries.add(entry);
    const settled = (): void => void this.#entries.delete(entry);
    promise.then(settled, settled);
    return promise;
  }

  /** Returns the promises that have been pending for longer than a limit. @param limit in milliseconds */
  overdue(limit = LIMIT): string[] {
    const now = performance.now();
    const overdue = [...this.#entries].filter(({ began }) => now - began > limit);
    return overdue.map(({ what, began }) => `${what} has been pending for ${Math.round((now - began) / 1000)} s`);
  }
}
