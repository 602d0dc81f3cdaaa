// SPDX-License-Identifier: Apache-2.0
import { Broken, type Law } from "./laws.ts";
import type { Rare } from "./rare.ts";
import { Trace } from "./trace.ts";
import { type UnderTest, World } from "./world.ts";

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

/** Plays one seed. */
export function simulate(seed: number, under: UnderTest, isTraced = false): Outcome {
  const trace = new Trace(isTraced);
  const world = new World(seed, under, trace);
  let broken: Outcome["broken"];
  try {
    world.run();
  } catch (error) {
    const law = error instanceof Broken ? error.law : "no throw";
    const detail = error instanceof Broken ? error.message : String((error as Error).stack);
    broken = { law, detail, at: world.now };
    world.note(`! ${law}: ${detail}`);
  }
  return { seed, broken, seen: world.seen, steps: world.steps, hash: trace.hash, lines: trace.lines };
}
