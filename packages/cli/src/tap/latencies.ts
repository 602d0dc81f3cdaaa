// SPDX-License-Identifier: Apache-2.0

// Buckets for each doubling of a duration: each is 2 % wide.
const PER_DOUBLING = 32;

/** Counts durations in buckets of 2 %, in constant memory. */
export class Latencies {
  count = 0;
  readonly #buckets: number[] = [];

  /** @param milliseconds is counted to the microsecond */
  add(milliseconds: number): void {
    const bucket = Math.round(Math.log2(1000 * milliseconds + 1) * PER_DOUBLING);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.count++;
  }

  /** Returns the milliseconds that a share of the durations did not exceed. */
  percentile(share: number): number {
    let left = share * this.count;
    for (const [bucket, count = 0] of this.#buckets.entries()) {
      left -= count;
      if (left <= 0) return (2 ** (bucket / PER_DOUBLING) - 1) / 1000;
    }
    return 0;
  }
}
