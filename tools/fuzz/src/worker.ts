// SPDX-License-Identifier: Apache-2.0
// One thread of a run: tries inputs until it is told to stop, and says what it does through shared memory.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { Random } from "../../testkit/random.ts";
import { Coverage } from "./coverage.ts";
import { type Foreign, foreignTarget } from "./foreign.ts";
import { Fuzzer } from "./fuzzer.ts";
import { type Job, MOST_INPUT, type Report, SHARED } from "./job.ts";
import type { UnderTest } from "./reading.ts";
import { targets } from "./targets.ts";

// After so many inputs everything is compiled and every cache is full.
const SETTLED = 150_000;
const MEBIBYTE = 1 << 20;
const job = workerData as Job;
const counts = new Uint32Array(job.shared, 0, SHARED.words);
const shown = new Uint8Array(job.shared, SHARED.bytes);
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
let tried = 0;
for (; tried < inputs; tried++) {
  if ((tried & 255) === 0 && performance.now() > until) break;
  if (tried === SETTLED) heap = held();
  const all = target.all;
  const input = all === undefined ? fuzzer.next() : all.at(job.first + tried * job.stride);
  // What is being tried can be read from outside, should it never come back.
  if (input.length <= MOST_INPUT) {
    shown.set(input);
    counts[4] = input.length;
  }
  const finding = fuzzer.try(input);
  if (finding !== undefined) tell({ finding });
  counts[0] = tried + 1;
  counts[1] = coverage?.points ?? 0;
  counts[2] = fuzzer.corpus.length;
}
const grown = heap === 0 || coverage !== undefined ? 0 : (held() - heap) / MEBIBYTE;
tell({ done: { tried, grown, corpus: coverage === undefined ? [] : fuzzer.corpus, notes: target.notes?.() ?? {} } });

function held(): number {
  // What the engine keeps compiled, regular expressions for instance, it lets go after a few collections unused.
  for (let times = 0; times < 6; times++) collect();
  return process.memoryUsage().heapUsed;
}

function tell(message: Report): void {
  parentPort!.postMessage(message);
}
