// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import colours from "picocolors";
import { keep } from "./corpus.ts";
import { distil } from "./distil.ts";
import { formatFinding } from "./finding.ts";
import { planted } from "./planted.ts";
import { profile } from "./profile.ts";
import { replay } from "./replay.ts";
import { type Outcome, type Progress, run, type Task } from "./run.ts";
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
  else return fuzz(target!);
  return 0;
}

async function fuzz(word: string): Promise<number> {
  const names = targetsNamed(word);
  let findings = 0;
  console.log(`seed ${seed}, ${workers} workers`);
  for (const target of names.length === 0 ? [word] : names) {
    const time = number("time") ?? (values.inputs === undefined ? 20 : undefined);
    const task: Task = { target, guided: !values.blind, inputs: number("inputs"), time, seed, workers };
    const outcome = await run(task, (progress) => live(target, progress));
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    console.log(line(target, outcome));
    for (const [reason, count] of Object.entries(outcome.notes))
      console.log(`    ${count} differences allowed: ${reason}`);
    for (const finding of outcome.found) console.log(`\n${colours.red("finding")} ${formatFinding(finding)}`);
    findings += outcome.found.length;
    if (values.keep && targets[target] !== undefined) await kept(target, outcome);
  }
  return findings === 0 ? 0 : 1;
}

function live(target: string, progress: Progress): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line(target, progress)}`);
}

function line(target: string, { executions, seconds, coverage, corpus, findings }: Progress): string {
  const speed = Math.round(executions / seconds).toLocaleString("en");
  const depth = coverage === 0 ? "" : `, coverage ${coverage}, corpus ${corpus}`;
  return `${target}: ${executions.toLocaleString("en")} inputs in ${seconds.toFixed(1)} s, ${speed} a second${depth}, ${findings} findings`;
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
