// SPDX-License-Identifier: Apache-2.0
import { Worker } from "node:worker_threads";
import { type Finding, UnusableTarget } from "./finding.ts";
import type { Done, Job, Monitor, Report } from "./job.ts";

const TICK = 100;
// Milliseconds to import a target, which may be large, also if that is longer than the run.
const LOADING = 10_000;
// Milliseconds that a call may take after the run is over.
const GRACE = 1000;
// MiB.
const MAX_GROWTH = 8;
const NOTHING: Done = { growth: 0, corpus: [], counts: new Map(), notes: {} };

/** One worker thread, and the watchdog that ends it if a call does not return. */
export class Thread {
  readonly #worker: Worker;
  readonly #monitor: Monitor;
  readonly #timeout: number;
  readonly #found: (finding: Finding) => void;
  readonly #watchdog: NodeJS.Timeout;
  #resolve!: (done: Done) => void;
  #reject!: (error: Error) => void;
  /** The process of the target, if it has one. */
  #process = 0;
  #calls = 0;
  #since = performance.now();
  /**
   * Resolves with what the worker reports at its end; with nothing if the watchdog ended it.
   *
   * @throws UnusableTarget if the target cannot be fuzzed
   */
  readonly ended: Promise<Done>;

  /** @param timeout how long a call may take, in seconds */
  constructor(file: URL, job: Job, monitor: Monitor, timeout: number, found: (finding: Finding) => void) {
    this.#monitor = monitor;
    this.#timeout = timeout;
    this.#found = found;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#worker = new Worker(file, { workerData: job })
      .on("message", (message: Report) => this.#receive(message))
      .on("error", (error) => {
        this.#fail(`the target threw outside of its calls: ${(error as Error).stack ?? String(error)}`);
      })
      .on("exit", () => this.#fail("the target ended its thread: it must not call process.exit()"));
    this.#watchdog = setInterval(() => this.#watch(), TICK);
  }

  /** Ends the worker, and the process that it started. */
  end(done: Done = NOTHING): void {
    clearInterval(this.#watchdog);
    this.#resolve(done);
    void this.#worker.terminate();
    if (this.#process === 0) return;
    try {
      process.kill(this.#process, "SIGKILL");
    } catch {
      // It ended by itself.
    }
    this.#process = 0;
  }

  #fail(message: string): void {
    this.#reject(new UnusableTarget(message));
    this.end();
  }

  #receive(message: Report): void {
    if ("finding" in message) this.#found(message.finding);
    else if ("process" in message) this.#process = message.process;
    else if ("unusable" in message) this.#fail(message.unusable);
    else {
      const { growth } = message.done;
      if (growth > MAX_GROWTH) {
        const law = `the heap grows by at most ${MAX_GROWTH} MiB`;
        this.#found({ law, detail: `${growth.toFixed(1)} MiB`, input: new Uint8Array(0) });
      }
      this.end(message.done);
    }
  }

  #watch(): void {
    const { calls, isLoaded, isOver, current } = this.#monitor;
    const now = performance.now();
    if (calls !== this.#calls) {
      this.#calls = calls;
      this.#since = now;
    }
    const timeout = this.#timeout * 1000;
    const allowed = isOver ? Math.min(timeout, GRACE) : timeout;
    const stands = now - this.#since;
    if (stands < (isLoaded ? allowed : LOADING)) return;
    const seconds = (stands / 1000).toFixed(1);
    if (!isLoaded) return this.#fail(`the target did not load within ${seconds} seconds`);
    const cut = current.chunks <= 1 ? "in one chunk" : `in ${current.chunks} chunks`;
    this.#found({
      law: `every call returns within ${this.#timeout} seconds`,
      detail: `it had not returned after ${seconds} seconds, with these bytes ${cut}`,
      input: current.input,
    });
    this.end();
  }
}
