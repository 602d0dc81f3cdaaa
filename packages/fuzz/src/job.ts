// SPDX-License-Identifier: Apache-2.0
import type { Finding } from "./finding.ts";

/** The longest input, in bytes, that can be read from a worker that does not return. */
const MAX_INPUT = 8192;
const WORDS = { executions: 0, coverage: 1, corpus: 2, calls: 3, chunks: 4, length: 5, isLoaded: 6, isOver: 7 };
const SIZE = 4 * Object.keys(WORDS).length;

/** What a worker and the run share: counters, the input of the current call, and whether the run is over. */
export class Monitor {
  readonly memory: SharedArrayBuffer;
  readonly #words: Uint32Array;
  readonly #input: Uint8Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(SIZE + MAX_INPUT)) {
    this.memory = memory;
    this.#words = new Uint32Array(memory, 0, SIZE / 4);
    this.#input = new Uint8Array(memory, SIZE);
  }

  /** Notes that a call begins, and its input: it can be read if the call does not return. */
  begin(input: Uint8Array, chunks = 1): void {
    if (input.length <= MAX_INPUT) {
      this.#input.set(input);
      this.#words[WORDS.length] = input.length;
      this.#words[WORDS.chunks] = chunks;
    }
    this.#words[WORDS.calls]!++;
  }

  /** Notes that the target is loaded. */
  load(): void {
    this.#words[WORDS.isLoaded] = 1;
  }

  progress(executions: number, coverage: number, corpus: number): void {
    this.#words[WORDS.executions] = executions;
    this.#words[WORDS.coverage] = coverage;
    this.#words[WORDS.corpus] = corpus;
  }

  /** Asks the worker to end after its current call. */
  stop(): void {
    this.#words[WORDS.isOver] = 1;
  }

  get isOver(): boolean {
    return this.#words[WORDS.isOver] === 1;
  }

  get isLoaded(): boolean {
    return this.#words[WORDS.isLoaded] === 1;
  }

  /** The number of calls that began. It stands still while a call does not return. */
  get calls(): number {
    return this.#words[WORDS.calls]!;
  }

  get executions(): number {
    return this.#words[WORDS.executions]!;
  }

  get coverage(): number {
    return this.#words[WORDS.coverage]!;
  }

  get corpus(): number {
    return this.#words[WORDS.corpus]!;
  }

  /** The input of the call that began last, and the number of its chunks. */
  get current(): { readonly input: Uint8Array; readonly chunks: number } {
    return { input: this.#input.slice(0, this.#words[WORDS.length]), chunks: this.#words[WORDS.chunks]! };
  }
}

/** What a worker does. */
export interface Job {
  /** What the worker makes its target of. */
  readonly data: unknown;
  readonly guided: boolean;
  readonly seed: number;
  readonly corpus: readonly Uint8Array[];
  /** Stops after this many inputs. */
  readonly inputs: number;
  /** How many smaller inputs are tried for a finding. */
  readonly tries?: number | undefined;
  /** Plays these inputs, and no others. */
  readonly only?: readonly Uint8Array[] | undefined;
  /** For exhaustive targets: the first index of this worker, and the distance to the next. */
  readonly first: number;
  readonly stride: number;
  readonly memory: SharedArrayBuffer;
}

/** A message of a worker. */
export type Report =
  | { readonly finding: Finding }
  /** The process that the worker started for its target. */
  | { readonly process: number }
  | { readonly unusable: string }
  | { readonly done: Done };

/** The result of a worker. */
export interface Done {
  /** Growth of the heap after the first 150,000 inputs, in MiB. */
  readonly growth: number;
  /** The inputs that coverage kept. */
  readonly corpus: readonly Uint8Array[];
  /** How many inputs belong to each group of findings. */
  readonly counts: ReadonlyMap<string, number>;
  /** What the target counted, by reason. */
  readonly notes: Readonly<Record<string, number>>;
}
