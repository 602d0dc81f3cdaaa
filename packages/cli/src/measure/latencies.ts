// SPDX-License-Identifier: Apache-2.0

// Classes of one doubling: a percentile is at most 1.1 % too high.
const PER_DOUBLING = 64;
// Milliseconds of the first class, and the number of classes: up to 18 minutes.
const LOWEST = 0.001;
const CLASSES = 30 * PER_DOUBLING;

/** How many latencies were between two values, in milliseconds. */
export interface LatencyRange {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Measured latencies in milliseconds, as a histogram of fixed size. */
export class Latencies {
  count = 0;
  min: number = Number.POSITIVE_INFINITY;
  max = 0;
  #sum = 0;
  readonly #classes = new Float64Array(CLASSES);

  /** Adds a latency in milliseconds. */
  record(latency: number): void {
    this.count++;
    this.#sum += latency;
    this.min = Math.min(this.min, latency);
    this.max = Math.max(this.max, latency);
    const index = classOf(latency);
    this.#classes[index] = (this.#classes[index] ?? 0) + 1;
  }

  /** Returns the minimum, the mean, percentiles and the maximum, in milliseconds with three decimals. */
  summary(...percents: readonly number[]): Readonly<Record<string, number>> {
    const percentiles = percents.map((percent) => [`p${percent}`, this.percentile(percent / 100)] as const);
    const all = { min: this.min, avg: this.#sum / this.count, ...Object.fromEntries(percentiles), max: this.max };
    return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, Math.round(value * 1000) / 1000]));
  }

  /** Returns the latency that this share of all does not exceed, from 0 to 1. */
  percentile(share: number): number {
    let left = Math.ceil(share * this.count);
    const index = this.#classes.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return Math.max(this.min, Math.min(this.max, lowerBound(index + 1)));
  }

  /** Returns the whole range in at most this number of parts, each a whole number of eighths of a doubling. */
  ranges(limit: number): readonly LatencyRange[] {
    const [first, last] = [classOf(this.min), classOf(this.max)];
    const step = PER_DOUBLING / 8;
    const width = Math.ceil((last - first + 1) / limit / step) * step;
    const starts = Array.from({ length: Math.ceil((last - first + 1) / width) }, (_, i) => first + i * width);
    return starts.map((start) => ({
      from: lowerBound(start),
      to: lowerBound(start + width),
      count: this.#classes.subarray(start, start + width).reduce((sum, count) => sum + count, 0),
    }));
  }
}

/** Returns milliseconds with their unit: `0.085 ms`. */
export function formatMilliseconds(milliseconds: number): string {
  return `${milliseconds.toFixed(milliseconds < 10 ? 3 : 1)} ms`;
}

/** Returns a summary as text: `min 0.085 ms, avg 0.120 ms, …`. */
export function formatSummary(summary: Readonly<Record<string, number>>): string {
  return Object.entries(summary)
    .map(([name, value]) => `${name} ${formatMilliseconds(value)}`)
    .join(", ");
}

function classOf(latency: number): number {
  return Math.max(0, Math.min(CLASSES - 1, Math.floor(Math.log2(latency / LOWEST) * PER_DOUBLING)));
}

function lowerBound(index: number): number {
  return LOWEST * 2 ** (index / PER_DOUBLING);
}
