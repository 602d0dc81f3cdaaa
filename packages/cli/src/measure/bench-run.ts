// SPDX-License-Identifier: Apache-2.0
import { Latencies } from "./latencies.ts";
import { formatNumber, formatRates, ratesOf, type Tally, totalOf } from "./tally.ts";

// Milliseconds between two progress lines, and between two looks at what the servers reported.
const TICK_MS = 200;
const CLEAR_LINE = "\r\x1b[K";

/** When a benchmark ends. */
export interface BenchLimits {
  /** Messages of all clients together; `undefined` for no limit. */
  readonly messages: number | undefined;
  /** Milliseconds from the first message; `undefined` for no limit. */
  readonly duration: number | undefined;
}

/** A running benchmark: what its clients have done, and whether they should stop. */
export class BenchRun {
  /** The messages of all clients. */
  messages = 0;
  readonly tallies: readonly Tally[];
  readonly latencies: Latencies = new Latencies();
  readonly #limits: BenchLimits;
  readonly #controller = new AbortController();
  #deadline: NodeJS.Timeout | undefined;

  /** @param interrupt stops the run when it is aborted */
  constructor(clients: number, limits: BenchLimits, interrupt: AbortSignal) {
    this.tallies = Array.from({ length: clients }, () => ({ messages: 0, bytes: 0, first: 0, last: 0 }));
    this.#limits = limits;
    interrupt.addEventListener("abort", () => this.stop());
  }

  /** Is aborted when the clients should stop: on ctrl+c, after the duration, or after an error. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Marks the first message of a client. The first one of all starts the clock. */
  begin(tally: Tally): void {
    tally.first = tally.last = performance.now();
    const { duration } = this.#limits;
    if (duration !== undefined) this.#deadline ??= setTimeout(() => this.stop(), duration);
  }

  /** Counts a message of a client. */
  count(tally: Tally, bytes: number): void {
    this.messages++;
    tally.messages++;
    tally.bytes += bytes;
  }

  /** Stops all clients. */
  stop(): void {
    clearTimeout(this.#deadline);
    this.#controller.abort();
  }

  /**
   * Waits until all clients have ended, and prints the progress to a terminal.
   *
   * @param loads what the clients do
   * @param check throws what a server reported
   * @returns the error that ended the run, if one did
   */
  async wait(loads: readonly Promise<void>[], check: () => void, showsProgress: boolean): Promise<Error | undefined> {
    let failure: Error | undefined;
    const fail = (error: Error): void => {
      failure ??= error;
      this.stop();
    };
    const look = (): void => {
      try {
        check();
      } catch (error) {
        fail(error as Error);
      }
    };
    const tick = setInterval(() => {
      look();
      if (showsProgress) process.stderr.write(`${CLEAR_LINE}${this.#progress()}`);
    }, TICK_MS);
    // What a stop ended is no failure.
    await Promise.all(loads.map((load) => load.catch((error) => this.signal.aborted || fail(error))));
    clearInterval(tick);
    if (showsProgress) process.stderr.write(CLEAR_LINE);
    look();
    this.stop();
    return failure;
  }

  #progress(): string {
    const { messages = Number.POSITIVE_INFINITY, duration = Number.POSITIVE_INFINITY } = this.#limits;
    if (this.messages === 0) return "waiting for messages";
    const total = totalOf(this.tallies);
    const share = Math.max(total.messages / messages, (performance.now() - total.first) / duration);
    const rates = formatRates(ratesOf({ ...total, last: performance.now() }));
    return `${Math.floor(Math.min(1, share) * 100)} %  ${formatNumber(total.messages)} messages  ${rates}`;
  }
}
