// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { formatCount } from "./format/format.ts";

// Characters that may wait for a slow reader of stdout.
const MAX_BUFFERED = 16 * 1024 * 1024;
// Characters that are written at once.
const BATCH = 65_536;
// Milliseconds for that reader at exit.
const GRACE_MS = 500;

let isWritable = true;
let runsUntilInterrupt = false;
let skippedFrames = 0;
// Lines that were printed in this turn of the event loop: they are written together.
let lines = "";

/** The reason why a server's answers cannot be checked. */
export const TLS_REQUIRED = "the server requires TLS, which this command does not support";

/** An expected error: the command prints its message and exits with 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** Prints one line of the result to stdout. */
export function print(line: string): void {
  if (lines === "") setImmediate(writeLines);
  lines += `${line}\n`;
  if (lines.length > BATCH) writeLines();
}

/** Prints bytes of the result to stdout, as they are. */
export function printBytes(bytes: Uint8Array): void {
  writeLines();
  if (isWritable) process.stdout.write(bytes);
}

/** Prints a frame from a source that does not wait. If the reader of stdout is too slow, the frame is skipped and counted. */
export function printOrSkip(line: string): void {
  if (process.stdout.writableLength > (skippedFrames === 0 ? MAX_BUFFERED : MAX_BUFFERED / 2)) {
    skippedFrames++;
    return;
  }
  reportSkipped();
  print(line);
}

/** Resolves when the reader of stdout is ready for more. */
export async function outputReady(): Promise<void> {
  writeLines();
  if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
}

/** Prints one line about the run to stderr, after the lines before it on stdout. */
export function log(line: string): void {
  writeLines();
  process.stderr.write(`${line}\n`);
}

function writeLines(): void {
  const text = lines;
  lines = "";
  if (text !== "" && isWritable) process.stdout.write(text);
}

/**
 * Handles failed writes to stdout and stderr. If the reader is gone, as after `| head`, the command exits quietly. On any
 * other error, a command that runs until ctrl+c continues without output, and any other command exits with 1.
 */
export function handleOutputErrors(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    if (!isWritable) return;
    isWritable = false;
    log(`cannot write to stdout: ${formatError(error)}`);
    process.exitCode = 1;
    if (!runsUntilInterrupt) process.exit();
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
  });
}

/**
 * Resolves on ctrl+c, SIGTERM, or if the terminal is closed. A second signal ends the process at once.
 *
 * @param withoutOutput whether the command continues if stdout cannot be written; true by default
 */
export function waitForInterrupt(withoutOutput = true): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  runsUntilInterrupt = withoutOutput;
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

/** Returns a signal that is aborted on ctrl+c, SIGTERM, or if the terminal is closed. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  void waitForInterrupt(false).then(() => controller.abort());
  return controller.signal;
}

/** Exits after the output is written, or after half a second if its reader does not read. */
export async function flushAndExit(): Promise<never> {
  reportSkipped();
  writeLines();
  const flushed = [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done)));
  await Promise.race([Promise.all(flushed), sleep(GRACE_MS)]);
  process.exit();
}

function reportSkipped(): void {
  if (skippedFrames > 0) log(`${formatCount(skippedFrames, "frame")} not printed: stdout is read too slowly`);
  skippedFrames = 0;
}

/** Throws a Failure with the text of an error. */
export function fail(error: Error): never {
  throw new Failure(error.message);
}

/** Returns what an error of the system means, and what to do about it if that is known. */
export function formatError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ECONNREFUSED":
      return "connection refused (ECONNREFUSED): no server is listening";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `unknown host (${code})`;
    case "ENOSPC":
      return "no space left on device (ENOSPC)";
    case "ENOENT":
      return "no such file (ENOENT)";
    case "EISDIR":
      return "it is a directory (EISDIR)";
    case "EACCES":
      return "permission denied (EACCES)";
    default:
      return message === "" ? String(code) : message;
  }
}
