// SPDX-License-Identifier: Apache-2.0

/** Returns how often a property is tried: `n` times, or more in a long run, if NATSWIRE_RUNS multiplies it. */
export function runs(n: number): { numRuns: number } {
  return { numRuns: Math.ceil(n * Number(process.env["NATSWIRE_RUNS"] ?? 1)) };
}
