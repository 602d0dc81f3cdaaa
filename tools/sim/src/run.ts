// SPDX-License-Identifier: Apache-2.0

import type { UnderTest } from "./load.ts";
import { type Rare, rare } from "./rare.ts";
import { type Outcome, simulate } from "./simulation.ts";

// Every hundredth seed is played twice and must leave the same trace.
const REPLAY = 100;
const TICK = 50;

/** The results of several seeds. */
export interface Summary {
  readonly from: number;
  readonly seeds: number;
  readonly steps: number;
  readonly seconds: number;
  readonly broken: readonly Outcome[];
  /** The number of seeds in which each rare state occurred. */
  readonly seen: ReadonlyMap<Rare, number>;
  readonly missing: readonly Rare[];
  /** A hash of all traces. */
  readonly hash: string;
}

/** Plays seeds and counts the rare states. @param onProgress called every 50 seeds */
export async function run(
  from: number,
  count: number,
  under: UnderTest,
  onProgress: (summary: Summary) => void,
): Promise<Summary> {
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
    const outcome = await simulate(from + i, under);
    steps += outcome.steps;
    hash = Math.imul(hash ^ Number.parseInt(outcome.hash, 16), 0x01000193);
    for (const state of outcome.seen) seen.set(state, (seen.get(state) ?? 0) + 1);
    if (outcome.broken !== undefined) broken.push(outcome);
    if (i % REPLAY === 0 && (await simulate(from + i, under)).hash !== outcome.hash) broken.push(differs(outcome));
    if (i % TICK === 0) onProgress(summary(i + 1));
  }
  return summary(count);
}

function differs(outcome: Outcome): Outcome {
  return { ...outcome, broken: { law: "replay", detail: "the second run left another trace", at: 0 } };
}
