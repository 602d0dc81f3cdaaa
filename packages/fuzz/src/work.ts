// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import { UnusableTarget } from "./finding.ts";
import { Fuzzer, type Subject } from "./fuzzer.ts";
import { type Job, Monitor, type Report } from "./job.ts";
import { Random } from "./random.ts";

// After this many inputs, all code is compiled and every cache is full.
const SETTLED = 150_000;
const MEBIBYTE = 1 << 20;

/** What a worker fuzzes. */
export interface Target extends Subject {
  /** For an exhaustive target: the number of inputs, and each of them. */
  readonly all?: { readonly count: number; readonly at: (index: number) => Uint8Array } | undefined;
  /** Tries the target before the first input. @throws UnusableTarget */
  readonly probe?: () => Promise<void>;
  /** What the laws counted: for example, the reasons for which differences were allowed. */
  readonly notes?: (() => Readonly<Record<string, number>>) | undefined;
}

/** How a worker makes its target of the job's data. `monitor` may note calls more often than once an input. */
export type OpenTarget<D> = (data: D, monitor: Monitor) => Target | Promise<Target>;

/** Runs one thread: it tries inputs until the job ends, and reports its progress through shared memory. */
export async function work<D>(open: OpenTarget<D>): Promise<void> {
  const job = workerData as Job;
  const monitor = new Monitor(job.memory);
  // Keeps the thread alive while a call waits for a promise that never settles. The run ends the thread.
  setInterval(() => {}, 2 ** 30);
  try {
    const target = await open(job.data as D, monitor);
    monitor.load();
    monitor.begin(new Uint8Array(0));
    await target.probe?.();
    await fuzz(job, target, monitor);
  } catch (error) {
    if (!(error instanceof UnusableTarget)) throw error;
    report({ unusable: error.message });
  }
}

/** Sends a message to the run. */
export function report(message: Report): void {
  parentPort!.postMessage(message);
}

async function fuzz(job: Job, target: Target, monitor: Monitor): Promise<void> {
  const coverage = job.guided ? new Coverage() : undefined;
  const subject: Subject = {
    ...target,
    tries: job.tries,
    laws: (input, isThorough) => {
      monitor.begin(input);
      return target.laws(input, isThorough);
    },
    // An input that is played again is shown as it is.
    isOver: () => job.only !== undefined || monitor.isOver,
  };
  const fuzzer = new Fuzzer(subject, new Random(job.seed), job.corpus, coverage);
  Error.stackTraceLimit = 0;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { all } = target;
  const inputs = job.only?.length ?? job.inputs;
  let heap = 0;
  for (let executions = 0; executions < inputs && !monitor.isOver; executions++) {
    if (executions === SETTLED) heap = heapUsed(collect);
    const input = job.only?.[executions] ?? all?.at(job.first + executions * job.stride) ?? fuzzer.next();
    const finding = await fuzzer.try(input);
    if (finding !== undefined) report({ finding });
    monitor.progress(executions + 1, coverage?.points ?? 0, fuzzer.corpus.length);
  }
  const growth = heap === 0 || coverage !== undefined ? 0 : (heapUsed(collect) - heap) / MEBIBYTE;
  const corpus = coverage === undefined ? [] : fuzzer.corpus;
  report({ done: { growth, corpus, counts: fuzzer.counts, notes: target.notes?.() ?? {} } });
}

function heapUsed(collect: () => void): number {
  // The engine drops compiled code that is unused, such as regular expressions, after a few collections.
  for (let times = 0; times < 6; times++) collect();
  return process.memoryUsage().heapUsed;
}
