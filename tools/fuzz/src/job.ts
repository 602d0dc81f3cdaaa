// SPDX-License-Identifier: Apache-2.0
import type { Finding } from "./finding.ts";

/** Longest input that a hung worker can be asked for. */
export const MOST_INPUT = 8192;

/** The shared memory of a worker: executions, coverage, corpus, nothing, length of the input; then the input. */
export const SHARED = { words: 5, bytes: 20, size: 20 + MOST_INPUT };

/** What a worker is told. */
export interface Job {
  readonly target: string;
  /** A bundled parser of somebody else's, as a file URL. */
  readonly foreign?: string | undefined;
  /** A bundled codec to be held to the laws, as a file URL; the built one where it is left out. */
  readonly codec?: string | undefined;
  readonly guided: boolean;
  readonly seed: number;
  readonly corpus: readonly Uint8Array[];
  /** Stop after so many inputs, or milliseconds. */
  readonly inputs?: number | undefined;
  readonly time?: number | undefined;
  /** Where all inputs of a kind are tried: the first index of this worker, and the way to the next. */
  readonly first: number;
  readonly stride: number;
  readonly shared: SharedArrayBuffer;
}

/** What a worker says. */
export type Report = { readonly finding: Finding } | { readonly done: Done };

/** How a worker ended. */
export interface Done {
  readonly tried: number;
  /** Mebibytes of heap more than after the first 150,000 inputs. */
  readonly grown: number;
  /** What coverage kept. */
  readonly corpus: readonly Uint8Array[];
  /** What a target counted besides. */
  readonly notes: Readonly<Record<string, number>>;
}
