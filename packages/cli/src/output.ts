// SPDX-License-Identifier: Apache-2.0
import type { Place } from "@natswire/runtime";

/** What was checked failed; the command prints the message and exits with 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** One line for whoever, or whatever, reads the result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One line for the person who runs the command; a pipe does not get it. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Ends quietly where nobody reads the rest, as behind `| head`. */
export function endWithReader(): void {
  const end = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  };
  process.stdout.on("error", end);
  process.stderr.on("error", end);
}

/** Resolves at ctrl+c, or when told to terminate; a second one ends the process at once. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}

/** What is thrown where nobody can listen at a place. */
export function failedAt({ host, port }: Place): (error: unknown) => never {
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
  if (code === "EACCES") return "this user may not (EACCES)";
  return message === "" ? String(code) : message;
}
