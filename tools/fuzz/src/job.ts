// SPDX-License-Identifier: Apache-2.0
import type { Finding } from "./finding.ts";

/** The longest input, in bytes, that can be read from a worker that hangs. */
export const MAX_INPUT = 8192;

/** The layout of shared memory: executions, coverage, corpus size, unused, length of the input; then the input. */
export const SHARED = { words: 5, bytes: 20, size: 20 + MAX_INPUT };

/** What a worker does. */
export interface Job {
  readonly target: string;
  /** The file URL of a bundled parser to test. */
  readonly foreign?: string | undefined;
  /** The file URL of a bundled codec to test; the built one by default. */
  readonly codec?: string | undefined;
  readonly guided: boolean;
  readonly seed: number;
  readonly corpus: readonly Uint8Array[];
  /** Stops after this many inputs, or milliseconds. */
  readonly inputs?: number | undefined;
  readonly time?: number | undefined;
  /** For exhaustive targets: the first index of this worker, and the distance to the next. */
  readonly first: number;
  readonly stride: number;
  readonly shared: SharedArrayBuffer;
}

/** A message of a worker. */
export type Report = { readonly finding: Finding } | { readonly done: Done };

/** The result of a worker. */
export interface Done {
  readonly executions: number;
  /** Growth of the heap after the first 150,000 inputs, in MiB. */
  readonly growth: number;
  /** The inputs that coverage kept. */
  readonly corpus: readonly Uint8Array[];
  /** What the target counted, by reason. */
  readonly notes: Readonly<Record<string, number>>;
}
