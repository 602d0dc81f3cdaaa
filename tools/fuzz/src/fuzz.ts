// SPDX-License-Identifier: Apache-2.0
import { withBundle } from "../../../packages/fuzz/src/bundle.ts";
import { fuzzParser } from "../../../packages/fuzz/src/fuzz-parser.ts";
import { type Outcome, type Progress, run, type Task } from "../../../packages/fuzz/src/run.ts";
import { corpusOf } from "./corpus.ts";
import { entryOf } from "./entry.ts";
import { type TargetData, targets } from "./targets.ts";

/** A run of one target of this repository, or of a module with a parser. */
export interface FuzzTask extends Omit<Task, "worker" | "data" | "corpus"> {
  /** The name of a target, or the path of a module. */
  readonly target: string;
  /** The path of another codec, source or build, to test instead. */
  readonly codec?: string | undefined;
}

/** Fuzzes a target. @throws UnusableTarget if a module cannot be fuzzed */
export async function fuzz(task: FuzzTask, watch?: (progress: Progress) => void): Promise<Outcome> {
  const { target, codec: copy, guided } = task;
  const own = targets[target];
  if (own === undefined) return fuzzParser(task, watch);
  const inputs = Math.min(task.inputs ?? Number.POSITIVE_INFINITY, own.all?.count ?? Number.POSITIVE_INFINITY);
  const start = (codec?: string): Promise<Outcome> => {
    const data: TargetData = { target, codec };
    const worker = new URL("./worker.js", import.meta.url);
    return run({ ...task, worker, data, corpus: corpusOf(target), inputs }, watch);
  };
  return guided || copy !== undefined ? withBundle(copy ?? entryOf(target), guided, start) : start();
}
