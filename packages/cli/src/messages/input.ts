// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { Failure, formatError, log } from "../output.ts";

const LF = 0x0a;
const CR = 0x0d;
// Milliseconds without the end of stdin, after which the command says what it waits for.
const PATIENCE_MS = 2000;

/**
 * Reads a file.
 *
 * @throws Failure if it cannot be read
 */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${formatError(error)}`);
  }
}

/**
 * Reads stdin to its end.
 *
 * @param limit the number of bytes that it may have
 * @throws Failure if it is longer, or cannot be read
 */
export async function readStdin(limit: number): Promise<Uint8Array> {
  const waiting = setTimeout(() => log("reading the body from stdin, to its end"), PATIENCE_MS);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stdinChunks()) {
      chunks.push(chunk);
      length += chunk.length;
      checkLength(length, limit);
    }
  } finally {
    clearTimeout(waiting);
  }
  return Buffer.concat(chunks);
}

/**
 * Yields the lines of stdin, without their line ends.
 *
 * @param limit the number of bytes that a line may have
 * @param signal ends the lines when it is aborted
 * @throws Failure if a line is longer, or stdin cannot be read
 */
export async function* stdinLines(limit: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  signal?.addEventListener("abort", () => process.stdin.destroy());
  let rest: Uint8Array = new Uint8Array(0);
  try {
    for await (const chunk of stdinChunks()) {
      let start = 0;
      for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
        const line = Buffer.concat([rest, chunk.subarray(start, end)]);
        rest = new Uint8Array(0);
        start = end + 1;
        checkLength(line.length, limit);
        yield line.at(-1) === CR ? line.subarray(0, -1) : line;
      }
      rest = Buffer.concat([rest, chunk.subarray(start)]);
      checkLength(rest.length, limit);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
    return;
  }
  if (rest.length > 0) yield rest;
}

async function* stdinChunks(): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of process.stdin) yield chunk as Uint8Array;
  } catch (error) {
    throw new Failure(`cannot read stdin: ${formatError(error)}`);
  }
}

function checkLength(length: number, limit: number): void {
  if (length > limit) throw new Failure(`the body exceeds the server's max_payload of ${limit} bytes`);
}
