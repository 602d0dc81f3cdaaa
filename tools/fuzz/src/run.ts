// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { corpusOf } from "./corpus.ts";
import { bundled, entryOf } from "./coverage.ts";
import type { Finding } from "./finding.ts";
import { type Done, type Job, type Report, SHARED } from "./job.ts";
import { targets } from "./targets.ts";

const HUNG = 5000;
const TICK = 250;

/** A run of one target: for a number of inputs, or for a time. */
export interface Task {
  /** The name of a target, or the path of a module with a parser. */
  readonly target: string;
  readonly guided: boolean;
  readonly inputs?: number | undefined;
  /** How long, in seconds. */
  readonly time?: number | undefined;
  readonly seed: number;
  readonly workers: number;
  /** The path of another codec, source or build, to test instead. */
  readonly codec?: string | undefined;
  /** Stops at the first finding. */
  readonly first?: boolean;
}

/** The progress of a run, reported four times a second. */
export interface Progress {
  readonly executions: number;
  readonly seconds: number;
  readonly coverage: number;
  readonly corpus: number;
  readonly findings: number;
}

/** The result of a run. */
export interface Outcome extends Progress {
  readonly task: Task;
  readonly found: readonly Finding[];
  /** The inputs that coverage kept, of all workers. */
  readonly kept: readonly Uint8Array[];
  readonly notes: Readonly<Record<string, number>>;
}

/** Runs a task in worker threads. A worker that hangs for 5 s is ended, and its input is a finding. */
export async function run(task: Task, watch: (progress: Progress) => void = () => {}): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "natswire-fuzz-"));
  try {
    return await inFolder(task, folder, watch);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function inFolder(task: Task, folder: string, watch: (progress: Progress) => void): Promise<Outcome> {
  const modules = await modulesOf(task, folder);
  const count = targets[task.target]?.all?.count;
  const inputs = Math.min(task.inputs ?? Number.POSITIVE_INFINITY, count ?? Number.POSITIVE_INFINITY);
  const began = performance.now();
  const found = new Map<string, Finding>();
  const shares = Array.from({ length: task.workers }, () => new SharedArrayBuffer(SHARED.size));
  const now = (): Progress => {
    const words = shares.map((shared) => new Uint32Array(shared, 0, SHARED.words));
    return {
      executions: words.reduce((sum, [executions]) => sum + executions!, 0),
      seconds: (performance.now() - began) / 1000,
      coverage: Math.max(...words.map(([, points]) => points!)),
      corpus: Math.max(...words.map(([, , kept]) => kept!)),
      findings: found.size,
    };
  };
  const ticker = setInterval(() => watch(now()), TICK);
  const enough = new AbortController();
  const ends = await Promise.all(
    shares.map((shared, first) => {
      const share = Number.isFinite(inputs) ? Math.ceil((inputs - first) / task.workers) : undefined;
      const time = task.time === undefined ? undefined : task.time * 1000;
      const { target, guided } = task;
      const corpus = corpusOf(target);
      const seed = task.seed + first;
      const job: Job = {
        target,
        ...modules,
        guided,
        seed,
        corpus,
        inputs: share,
        time,
        first,
        stride: task.workers,
        shared,
      };
      return worker(
        job,
        (finding) => {
          if (!found.has(finding.law)) found.set(finding.law, finding);
          if (task.first === true) enough.abort();
        },
        enough.signal,
      );
    }),
  ).finally(() => clearInterval(ticker));
  const notes: Record<string, number> = {};
  for (const { notes: own } of ends) for (const [note, n] of Object.entries(own)) notes[note] = (notes[note] ?? 0) + n;
  return { task, ...now(), found: [...found.values()], kept: ends.flatMap(({ corpus }) => corpus), notes };
}

async function modulesOf(
  { target, guided, codec }: Task,
  folder: string,
): Promise<{ foreign?: string | undefined; codec?: string | undefined }> {
  const written = async (entry: string, instrumented: boolean): Promise<string> => {
    const file = join(folder, "module.mjs");
    writeFileSync(file, await bundled(entry, instrumented));
    return pathToFileURL(file).href;
  };
  if (targets[target] === undefined) {
    if (!existsSync(target))
      throw new Error(`"${target}" is neither a file nor a target: ${Object.keys(targets).join(", ")}`);
    return { foreign: await written(resolve(target), guided) };
  }
  return {
    codec: guided || codec !== undefined ? await written(codec ?? entryOf(target), guided) : undefined,
  };
}

function worker(job: Job, found: (finding: Finding) => void, enough: AbortSignal): Promise<Done> {
  const counts = new Uint32Array(job.shared, 0, SHARED.words);
  const thread = new Worker(new URL("./worker.js", import.meta.url), { workerData: job });
  return new Promise((resolve, reject) => {
    let before = 0;
    let still = 0;
    const nothing: Done = { executions: 0, growth: 0, corpus: [], notes: {} };
    const watchdog = setInterval(() => {
      still = counts[0] === before && before > 0 ? still + TICK : 0;
      before = counts[0]!;
      if (still < HUNG) return;
      const input = new Uint8Array(job.shared, SHARED.bytes).slice(0, counts[4]);
      found({ target: job.target, law: "it returns within 5 seconds", detail: "it did not", input });
      end(nothing);
    }, TICK);
    const end = (done: Done): void => {
      clearInterval(watchdog);
      void thread.terminate();
      resolve(done);
    };
    enough.addEventListener("abort", () => end(nothing));
    thread.on("message", (message: Report) => {
      if ("finding" in message) return found(message.finding);
      const { growth } = message.done;
      const law = "the heap grows by at most 8 MiB";
      if (growth > 8) found({ target: job.target, law, detail: `${growth.toFixed(1)} MiB`, input: new Uint8Array(0) });
      end(message.done);
    });
    thread.on("error", (error) => {
      clearInterval(watchdog);
      reject(error);
    });
  });
}
