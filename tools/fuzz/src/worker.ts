// SPDX-License-Identifier: Apache-2.0
// One thread of a run: tries inputs until the job ends, and reports its progress through shared memory.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { Random } from "../../testkit/random.ts";
import { Coverage } from "./coverage.ts";
import { type Foreign, foreignTarget } from "./foreign.ts";
import { Fuzzer } from "./fuzzer.ts";
import { type Job, MAX_INPUT, type Report, SHARED } from "./job.ts";
import type { UnderTest } from "./reading.ts";
import { targets } from "./targets.ts";

// After this many inputs, all code is compiled and every cache is full.
const SETTLED = 150_000;
const MEBIBYTE = 1 << 20;
const job = workerData as Job;
const counts = new Uint32Array(job.shared, 0, SHARED.words);
const current = new Uint8Array(job.shared, SHARED.bytes);
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const codec = (await import(job.codec ?? "./under-test.js")) as UnderTest;
const target = job.foreign === undefined ? targets[job.target]! : foreignTarget((await import(job.foreign)) as Foreign);
const coverage = job.guided ? new Coverage() : undefined;
const random = new Random(job.seed);
const subject = {
  name: job.target,
  laws: target.laws(codec),
  generate: (chance: Random) => target.generate(codec, chance),
};
const fuzzer = new Fuzzer(subject, random, job.corpus, coverage);
Error.stackTraceLimit = 0;

const until = performance.now() + (job.time ?? Number.POSITIVE_INFINITY);
const inputs = job.inputs ?? Number.POSITIVE_INFINITY;
let heap = 0;
let executions = 0;
for (; executions < inputs; executions++) {
  if ((executions & 255) === 0 && performance.now() > until) break;
  if (executions === SETTLED) heap = heapUsed();
  const all = target.all;
  const input = all === undefined ? fuzzer.next() : all.at(job.first + executions * job.stride);
  // The run can read the current input if it never returns.
  if (input.length <= MAX_INPUT) {
    current.set(input);
    counts[4] = input.length;
  }
  const finding = fuzzer.try(input);
  if (finding !== undefined) report({ finding });
  counts[0] = executions + 1;
  counts[1] = coverage?.points ?? 0;
  counts[2] = fuzzer.corpus.length;
}
const growth = heap === 0 || coverage !== undefined ? 0 : (heapUsed() - heap) / MEBIBYTE;
report({
  done: { executions, growth, corpus: coverage === undefined ? [] : fuzzer.corpus, notes: target.notes?.() ?? {} },
});

function heapUsed(): number {
  // The engine drops compiled code that is unused, such as regular expressions, after a few collections.
  for (let times = 0; times < 6; times++) collect();
  return process.memoryUsage().heapUsed;
}

function report(message: Report): void {
  parentPort!.postMessage(message);
}
