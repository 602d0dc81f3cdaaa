// SPDX-License-Identifier: Apache-2.0
import { type Rare, rare } from "./rare.ts";
import { type Outcome, simulate } from "./simulation.ts";
import type { UnderTest } from "./world.ts";

// Each so manieth seed is played again, and must leave the same trace.
const AGAIN = 100;
const TICK = 50;

/** How many seeds went. */
export interface Summary {
  readonly from: number;
  readonly seeds: number;
  readonly steps: number;
  readonly seconds: number;
  readonly broken: readonly Outcome[];
  /** In how many seeds each rare state was seen. */
  readonly seen: ReadonlyMap<Rare, number>;
  readonly missing: readonly Rare[];
  /** Of all traces: the same for the same seeds. */
  readonly hash: string;
}

/** Plays seeds, and counts which rare states they saw. */
export function run(from: number, count: number, under: UnderTest, watch: (so: Summary) => void): Summary {
  const began = performance.now();
  const seen = new Map<Rare, number>();
  const broken: Outcome[] = [];
  let [steps, hash] = [0, 0];
  const summary = (seeds: number): Summary => {
    const missing = (Object.keys(rare) as Rare[]).filter((state) => !seen.has(state));
    const seconds = (performance.now() - began) / 1000;
    return { from, seeds, steps, seconds, broken, seen, missing, hash: (hash >>> 0).toString(16).padStart(8, "0") };
  };
  for (let i = 0; i < count; i++) {
    const outcome = simulate(from + i, under);
    steps += outcome.steps;
    hash = Math.imul(hash ^ Number.parseInt(outcome.hash, 16), 0x01000193);
    for (const state of outcome.seen) seen.set(state, (seen.get(state) ?? 0) + 1);
    if (outcome.broken !== undefined) broken.push(outcome);
    if (i % AGAIN === 0 && simulate(from + i, under).hash !== outcome.hash) broken.push(another(outcome));
    if (i % TICK === 0) watch(summary(i + 1));
  }
  return summary(count);
}

function another(outcome: Outcome): Outcome {
  return { ...outcome, broken: { law: "replay", detail: "the second time it left another trace", at: 0 } };
}
