// SPDX-License-Identifier: Apache-2.0
import type { Progress } from "./run.ts";

/** Formats the progress of a run, or its result, in one line. */
export function formatProgress(name: string, { executions, seconds, coverage, corpus, findings }: Progress): string {
  const speed = Math.round(executions / seconds).toLocaleString("en");
  const depth = coverage === 0 ? "" : `, coverage ${coverage}, corpus ${corpus}`;
  const count = findings === 1 ? "1 finding" : `${findings} findings`;
  const inputs = executions === 1 ? "1 input" : `${executions.toLocaleString("en")} inputs`;
  return `${name}: ${inputs} in ${seconds.toFixed(1)} s, ${speed} a second${depth}, ${count}`;
}

/** Prints the progress on a line of stderr that the next one replaces, if stderr is a terminal. */
export function showProgress(name: string, progress: Progress): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${formatProgress(name, progress)}`);
}

/** Removes the line of `showProgress`. */
export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}
