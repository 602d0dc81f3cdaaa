// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { formatFindings } from "../../../packages/fuzz/src/format.ts";
import type { Outcome } from "../../../packages/fuzz/src/run.ts";
import { type FuzzTask, fuzz } from "./fuzz.ts";
import { repeatOf } from "./repeat.ts";

const RESULTS = "docs/results/fuzz.json";
const OFFICIAL = "tools/fuzz/examples/nats-core.mjs";

interface Step {
  /** The technique's number in docs/reliability.md. */
  readonly technique: string;
  readonly target: string;
  readonly inputs?: number;
  /** How long, in seconds, guided by coverage. Without it the step is not guided. */
  readonly time?: number;
}

/** The steps of `npm test`: a million inputs, and 17 seconds guided by coverage. */
export const ci: readonly Step[] = [
  { technique: "T1", target: "decoder-server-frames", inputs: 70_000 },
  { technique: "T1", target: "decoder-client-frames", inputs: 70_000 },
  { technique: "T1", target: "scanner", inputs: 100_000 },
  { technique: "T1", target: "headers", inputs: 150_000 },
  { technique: "T1", target: "json", inputs: 30_000 },
  { technique: "T1", target: "subject", inputs: 200_000 },
  { technique: "T1", target: "jetstream", inputs: 60_000 },
  { technique: "T1", target: "jetstream-server", inputs: 5_000 },
  { technique: "T1", target: "grammar", inputs: 15_000 },
  { technique: "T1", target: "cluster", inputs: 10_000 },
  { technique: "T1", target: "rewrite", inputs: 40_000 },
  { technique: "T1", target: "server", inputs: 14_000 },
  { technique: "T1", target: "session-bytes", inputs: 3_000 },
  { technique: "T1", target: "session-info", inputs: 5_000 },
  { technique: "T12", target: "session-calls", inputs: 8_000 },
  { technique: "T1", target: "decoder-server-frames", time: 4 },
  { technique: "T1", target: "decoder-client-frames", time: 4 },
  { technique: "T1", target: "server", time: 3 },
  { technique: "T1", target: "session-bytes", time: 2 },
  { technique: "T1", target: "headers", time: 2 },
  { technique: "T1", target: "encoder", time: 2 },
  { technique: "T3", target: "round-trip", inputs: 100_000 },
  { technique: "T5", target: OFFICIAL, inputs: 75_000 },
  { technique: "T6", target: "exhaustive" },
  { technique: "T12", target: "encoder", inputs: 200_000 },
];

interface Settings {
  readonly seed: number;
  readonly workers: number;
  /** The length of the long run in seconds. */
  readonly time: number | undefined;
}

/** Runs a profile; returns the exit code. */
export async function profile(name: string, { seed, workers, time = 1800 }: Settings): Promise<number> {
  if (name !== "ci" && name !== "long") throw new Error(`unknown profile "${name}": use ci, long or planted`);
  console.log(`seed ${seed}, ${workers} workers`);
  let failed = 0;
  const until = performance.now() + time * 1000;
  const outcomes: Outcome[] = [];
  for (let round = 0; round === 0 || (name === "long" && performance.now() < until); round++) {
    for (const step of ci) {
      if (round > 0 && step.target === "exhaustive") continue;
      if (round > 0 && performance.now() > until) break;
      const task: FuzzTask = { guided: step.time !== undefined, ...step, seed: seed + 100 * round, workers };
      const outcome = await fuzz(task);
      outcomes.push(outcome);
      failed += outcome.found.length;
      console.log(row(step, outcome));
      if (outcome.found.length > 0) console.log(formatFindings(outcome.found, repeatOf(step.target)));
      if (name === "long") record(step, outcome, task.seed);
    }
  }
  const all = outcomes.reduce((sum, { executions }) => sum + executions, 0);
  console.log(`${all.toLocaleString("en")} inputs, ${failed} findings`);
  return failed === 0 ? 0 : 1;
}

function row({ technique, target, time }: Step, { executions, seconds, notes, found }: Outcome): string {
  const how = time === undefined ? "" : " guided by coverage";
  const passed = Object.values(notes).reduce((sum, count) => sum + count, 0);
  const explained = passed === 0 ? "" : `, ${passed.toLocaleString("en")} differences with a reason`;
  const speed = Math.round(executions / seconds).toLocaleString("en");
  return `${technique.padEnd(4)}${target}${how}: ${executions.toLocaleString("en")} inputs, ${speed} a second${explained}, ${found.length} findings`;
}

/** Adds the outcome to the totals of all long runs. */
function record({ technique, target, time }: Step, { executions, found }: Outcome, seed: number): void {
  const before = read();
  const key = `${technique} ${target}${time === undefined ? "" : " guided"}`;
  const { inputs = 0, findings = 0 } = before.targets[key] ?? {};
  before.targets[key] = { inputs: inputs + executions, findings: findings + found.length };
  before.total += executions;
  before.last = {
    date: new Date().toISOString().slice(0, 10),
    command: "npm run fuzz -- --profile long",
    seed,
  };
  mkdirSync("docs/results", { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify(before, null, 2)}\n`);
}

function read(): {
  total: number;
  last: object;
  targets: Record<string, { inputs: number; findings: number }>;
} {
  try {
    return JSON.parse(readFileSync(RESULTS, "utf8"));
  } catch {
    return { total: 0, last: {}, targets: {} };
  }
}
