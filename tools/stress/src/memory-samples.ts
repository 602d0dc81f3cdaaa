// SPDX-License-Identifier: Apache-2.0
import { bytesInUse } from "./memory-in-use.ts";

// Milliseconds between two samples.
const EVERY = 5000;
const MEBIBYTE = 1 << 20;
// Bytes that the memory may grow by after a quarter of the time.
const GROWTH = 4 * MEBIBYTE;

/** How much memory a run used. */
export interface MemoryFigures {
  /** Bytes in use after a quarter of the time, and at the end. */
  readonly before: number;
  readonly after: number;
  /** Growth in bytes per hour: the slope of the line that best fits the samples after a quarter of the time. */
  readonly slope: number;
}

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Samples the memory of this process from its creation until `stop`. */
export class MemorySamples {
  readonly #began = performance.now();
  readonly #samples: Sample[] = [];
  readonly #timer = setInterval(() => {
    this.#samples.push({ at: performance.now() - this.#began, bytes: bytesInUse() });
  }, EVERY);

  stop(): void {
    clearInterval(this.#timer);
  }

  get figures(): MemoryFigures {
    const steady = this.#samples.slice(Math.floor(this.#samples.length / 4));
    return { before: steady[0]?.bytes ?? 0, after: steady.at(-1)?.bytes ?? 0, slope: slopeOf(steady) };
  }

  /** Returns what is wrong: the memory must not grow after a quarter of the time. */
  get broken(): readonly string[] {
    const { before, after } = this.figures;
    if (after - before <= GROWTH) return [];
    return [`memory grew from ${before} bytes after a quarter of the time to ${after} at the end`];
  }
}

/** Returns the growth in bytes per hour, by least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [at, bytes] = [mean((one) => one.at), mean((one) => one.bytes)];
  const spread = mean((one) => (one.at - at) ** 2);
  return spread === 0 ? 0 : (mean((one) => (one.at - at) * (one.bytes - bytes)) / spread) * 3_600_000;
}
