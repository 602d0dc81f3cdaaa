// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { unescaped } from "../../../packages/fuzz/src/escape.ts";
import { formatFindings } from "../../../packages/fuzz/src/format.ts";
import { clearProgress, formatProgress, showProgress } from "../../../packages/fuzz/src/progress.ts";
import type { Outcome } from "../../../packages/fuzz/src/run.ts";
import { keep } from "./corpus.ts";
import { distil } from "./distil.ts";
import { type FuzzTask, fuzz } from "./fuzz.ts";
import { planted } from "./planted.ts";
import { profile } from "./profile.ts";
import { repeatOf } from "./repeat.ts";
import { targets, targetsNamed } from "./targets.ts";

const usage = `Fuzzes the codec, the embedded server, the client session, or a parser of your own.

  npm run fuzz -- --target decoder --time 60    server and client frames, a minute each, guided by coverage
  npm run fuzz -- --target ./my-parser.mjs      a parser of your own: see docs/fuzzing.md
  npm run fuzz -- --target headers --input 'NATS/1.0\\r\\n'    one input
  npm run fuzz -- --profile ci                  what npm test runs
  npm run fuzz -- --profile planted             plants bugs in copies of the packages, and finds them
  npm run fuzz -- --profile long --time 1800    half an hour, added to docs/results/fuzz.json

targets: all, decoder, ${Object.keys(targets).join(", ")}, or a file

  --time S      seconds per target (default 20)   --inputs N   stop after N inputs instead
  --seed N      repeat a run                      --workers N  threads (default: one per core)
  --blind       without coverage: faster, but less deep
  --keep        write what coverage found to tools/fuzz/corpus`;

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    profile: { type: "string" },
    time: { type: "string" },
    inputs: { type: "string" },
    seed: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) },
    input: { type: "string" },
    blind: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const seed = number("seed") ?? Date.now() % 1_000_000_000;
const workers = number("workers")!;

try {
  process.exitCode = await chosen();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function chosen(): Promise<number> {
  const { target, profile: plan, input } = values;
  if (values.help || (target === undefined && plan === undefined)) console.log(usage);
  else if (plan === "planted") return planted(seed, workers);
  else if (plan !== undefined) return profile(plan, { seed, workers, time: number("time") });
  else if (input !== undefined) return replay(target!, input);
  else return fuzzAll(target!);
  return 0;
}

async function fuzzAll(word: string): Promise<number> {
  const names = targetsNamed(word);
  let findings = 0;
  console.log(`seed ${seed}, ${workers} workers`);
  for (const target of names.length === 0 ? [word] : names) {
    const time = number("time") ?? (values.inputs === undefined ? 20 : undefined);
    const task: FuzzTask = { target, guided: !values.blind, inputs: number("inputs"), time, seed, workers };
    const outcome = await fuzz(task, (progress) => showProgress(target, progress));
    print(target, outcome);
    findings += outcome.found.length;
    if (values.keep && targets[target] !== undefined) await kept(target, outcome);
  }
  return findings === 0 ? 0 : 1;
}

/** Plays one input on a target, or on a module with a parser. */
async function replay(word: string, input: string): Promise<number> {
  const names = targetsNamed(word);
  let findings = 0;
  for (const target of names.length === 0 ? [word] : names) {
    const outcome = await fuzz({ target, guided: false, seed, workers: 1, only: [unescaped(input)] });
    print(target, outcome);
    findings += outcome.found.length;
  }
  return findings === 0 ? 0 : 1;
}

function print(target: string, outcome: Outcome): void {
  clearProgress();
  console.log(formatProgress(target, outcome));
  for (const [reason, count] of Object.entries(outcome.notes))
    console.log(`    ${count} differences allowed: ${reason}`);
  if (outcome.found.length > 0) console.log(`\n${formatFindings(outcome.found, repeatOf(target))}`);
}

async function kept(target: string, outcome: Outcome): Promise<void> {
  const inputs = await distil(target, outcome.kept);
  console.log(`    ${inputs.length} inputs kept in ${keep(target, inputs)}`);
}

function number(option: "time" | "inputs" | "seed" | "workers"): number | undefined {
  const text = values[option];
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new Error(`--${option} must be a number, not ${JSON.stringify(text)}`);
}
