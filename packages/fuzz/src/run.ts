// SPDX-License-Identifier: Apache-2.0
import { type Finding, groupOf } from "./finding.ts";
import { type Done, type Job, Monitor } from "./job.ts";
import { Thread } from "./thread.ts";

const TICK = 250;
const TIMEOUT = 5;

/** A run of one target: for a number of inputs, for a time, or over given inputs. */
export interface Task {
  /** The file of the worker, which calls `work`. */
  readonly worker: URL;
  /** What the worker makes its target of. */
  readonly data: unknown;
  readonly guided: boolean;
  readonly corpus?: readonly Uint8Array[];
  readonly inputs?: number | undefined;
  /** How long, in seconds, with everything before the first input. */
  readonly time?: number | undefined;
  /** Plays these inputs as they are. */
  readonly only?: readonly Uint8Array[] | undefined;
  /** How long a call may take, in seconds; 5 by default. */
  readonly timeout?: number | undefined;
  readonly seed: number;
  readonly workers: number;
  /** How many smaller inputs are tried for a finding; 20,000 by default. */
  readonly tries?: number | undefined;
  /** Stops at the first finding. */
  readonly first?: boolean | undefined;
  /** Ends the run, which then returns what it found. */
  readonly signal?: AbortSignal | undefined;
}

/** The progress of a run, reported four times a second. */
export interface Progress {
  readonly executions: number;
  readonly seconds: number;
  readonly coverage: number;
  readonly corpus: number;
  readonly findings: number;
}

/** A group of findings. */
export interface FoundGroup {
  /** The one with the smallest input. */
  readonly finding: Finding;
  /** How many inputs belong to the group; at least 1. */
  readonly count: number;
}

/** The result of a run. */
export interface Outcome extends Progress {
  readonly found: readonly FoundGroup[];
  /** The inputs that coverage kept, of all workers. */
  readonly kept: readonly Uint8Array[];
  readonly notes: Readonly<Record<string, number>>;
}

/**
 * Runs a task in worker threads. A call that does not return is a finding, and ends its worker.
 *
 * @throws UnusableTarget if the target cannot be loaded, or has the wrong shape
 */
export async function run(task: Task, watch: (progress: Progress) => void = () => {}): Promise<Outcome> {
  const began = performance.now();
  const found = new Map<string, Finding>();
  const monitors = Array.from({ length: task.workers }, () => new Monitor());
  const stop = (): void => {
    for (const monitor of monitors) monitor.stop();
  };
  const add = (finding: Finding): void => {
    const group = groupOf(finding);
    const before = found.get(group);
    if (before === undefined || finding.input.length < before.input.length) found.set(group, finding);
    if (task.first === true) stop();
  };
  const now = (): Progress => ({
    executions: monitors.reduce((sum, { executions }) => sum + executions, 0),
    seconds: (performance.now() - began) / 1000,
    coverage: Math.max(...monitors.map(({ coverage }) => coverage)),
    corpus: Math.max(...monitors.map(({ corpus }) => corpus)),
    findings: found.size,
  });
  const timer = task.time === undefined ? undefined : setTimeout(stop, task.time * 1000);
  const ticker = setInterval(() => watch(now()), TICK);
  task.signal?.addEventListener("abort", stop);
  const { timeout = TIMEOUT } = task;
  const threads = monitors.map(
    (monitor, first) => new Thread(task.worker, jobOf(task, monitor, first), monitor, timeout, add),
  );
  try {
    const ends = await Promise.all(threads.map(({ ended }) => ended));
    return { ...now(), ...sumOf(ends, found) };
  } finally {
    clearTimeout(timer);
    clearInterval(ticker);
    task.signal?.removeEventListener("abort", stop);
    for (const thread of threads) thread.end();
  }
}

/** Returns the share of one worker. */
function jobOf(task: Task, monitor: Monitor, first: number): Job {
  const { data, guided, corpus = [], inputs, only, tries, seed, workers } = task;
  return {
    data,
    guided,
    corpus,
    seed: seed + first,
    inputs: inputs === undefined ? Number.POSITIVE_INFINITY : Math.ceil((inputs - first) / workers),
    only,
    tries,
    first,
    stride: workers,
    memory: monitor.memory,
  };
}

function sumOf(ends: readonly Done[], found: ReadonlyMap<string, Finding>): Omit<Outcome, keyof Progress> {
  const notes: Record<string, number> = {};
  for (const { notes: own } of ends) for (const [note, n] of Object.entries(own)) notes[note] = (notes[note] ?? 0) + n;
  const groups = [...found].map(([group, finding]) => {
    const count = ends.reduce((sum, { counts }) => sum + (counts.get(group) ?? 0), 0);
    return { finding, count: Math.max(1, count) };
  });
  return { found: groups, kept: ends.flatMap(({ corpus }) => corpus), notes };
}
