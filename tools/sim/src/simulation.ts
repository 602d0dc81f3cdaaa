// SPDX-License-Identifier: Apache-2.0
import { CallbackWorld } from "./callbacks/callback-world.ts";
import { Broken, type Law } from "./laws.ts";
import type { UnderTest } from "./load.ts";
import type { Rare } from "./rare.ts";
import { Trace } from "./trace.ts";
import { World } from "./world.ts";

/** The result of a seed. */
export interface Outcome {
  readonly seed: number;
  readonly broken: { readonly law: Law | "no throw"; readonly detail: string; readonly at: number } | undefined;
  readonly seen: ReadonlySet<Rare>;
  readonly steps: number;
  /** A hash of the trace. */
  readonly hash: string;
  /** The lines of the trace, if requested. */
  readonly lines: readonly string[];
}

/** Plays one seed: first with sessions alone, then with clients and their callbacks. */
export async function simulate(seed: number, under: UnderTest, isTraced = false): Promise<Outcome> {
  const trace = new Trace(isTraced);
  const seen = new Set<Rare>();
  let [steps, broken]: [number, Outcome["broken"]] = [0, undefined];
  for (const Scenario of [World, CallbackWorld]) {
    const world = new Scenario(seed, under, trace, seen);
    try {
      await world.run();
    } catch (error) {
      const law = error instanceof Broken ? error.law : "no throw";
      const detail = error instanceof Broken ? error.message : String((error as Error).stack);
      broken = { law, detail, at: world.now };
      world.note(`! ${law}: ${detail}`);
    }
    steps += world.steps;
    if (broken !== undefined) break;
  }
  return { seed, broken, seen, steps, hash: trace.hash, lines: trace.lines };
}
