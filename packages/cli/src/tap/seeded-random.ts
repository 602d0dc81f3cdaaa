// SPDX-License-Identifier: Apache-2.0

/** Returns a function that returns numbers from 0 up to 1. They depend on the seeds only. */
export function seededRandom(...seeds: readonly number[]): () => number {
  let state = 0;
  // Steps of SplitMix32.
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  for (const seed of seeds) state = next() ^ seed;
  return () => next() / 2 ** 32;
}
