// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { ListenAddress } from "@natswire/io";
import { counted } from "./words.ts";

// Characters that may wait for a slow reader of stdout, and milliseconds that he has at the end.
const WAITING = 16 * 1024 * 1024;
const GRACE = 500;

// Whether stdout takes anything, whether the command runs until ctrl+c, and how many lines were not printed.
let isWritable = true;
let isToRun = false;
let leftOut = 0;

/** Why what was expected of a server cannot come. */
export const NO_TLS = "the server wants TLS, which is not spoken here";

/** What was checked failed; the command prints the message and exits with 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** One line for whoever, or whatever, reads the result. */
export function print(line: string): void {
  if (isWritable) process.stdout.write(`${line}\n`);
}

/** One line of something that does not wait for its reader: where he is too far behind it is left out, and counted. */
export function printInPassing(line: string): void {
  if (process.stdout.writableLength > (leftOut === 0 ? WAITING : WAITING / 2)) {
    leftOut++;
    return;
  }
  tellLeftOut();
  print(line);
}

/** Resolves when whoever reads the result wants more of it. */
export async function wanted(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
}

/** One line for the person who runs the command; a pipe does not get it. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * What becomes of a command whose output cannot be written: it ends, quietly where nobody reads the rest, as behind
 * `| head`. What runs until ctrl+c only ends with its reader, not with a full disk.
 */
export function endWithOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    if (!isWritable) return;
    isWritable = false;
    tell(`cannot write the output: ${reasonOf(error)}`);
    process.exitCode = 1;
    if (!isToRun) process.exit();
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
  });
}

/** Resolves when it is ctrl+c, the terminal is closed, or one is told to terminate; a second time ends the process at once. */
export function interrupted(): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  isToRun = true;
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

/** Ends what was interrupted. A reader that does not read gets no more than a moment for what he has not read. */
export async function end(): Promise<never> {
  tellLeftOut();
  const flushed = [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done)));
  await Promise.race([Promise.all(flushed), sleep(GRACE)]);
  process.exit();
}

function tellLeftOut(): void {
  if (leftOut > 0) tell(`${counted(leftOut, "frame")} not printed, the reader is slow`);
  leftOut = 0;
}

/** What is thrown where nobody can listen at a place. */
export function failedAt({ host, port }: ListenAddress): (error: unknown) => never {
  return (error) => {
    throw new Failure(`cannot listen on ${host}:${port}: ${reasonOf(error)}`);
  };
}

/** Why a socket failed, in words, and what to do about it where that is known. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return "connection refused (ECONNREFUSED): no server listens there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `no such host (${code})`;
  if (code === "EADDRINUSE")
    return "the port is in use (EADDRINUSE): stop who uses it, or name another, 0 for a free one";
  if (code === "ENOSPC") return "no space left on device (ENOSPC)";
  if (code === "EACCES") return "this user may not (EACCES)";
  return message === "" ? String(code) : message;
}
