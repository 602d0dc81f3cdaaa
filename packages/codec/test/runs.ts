// SPDX-License-Identifier: Apache-2.0

/** How often a property is tried: `n` in CI, more where NATSWIRE_RUNS multiplies it in a long run. */
export function runs(n: number): { numRuns: number } {
  return { numRuns: Math.ceil(n * Number(process.env["NATSWIRE_RUNS"] ?? 1)) };
}
