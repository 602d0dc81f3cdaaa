// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Failure, formatError } from "../output.ts";

/**
 * Reads a file, or stdin without one.
 *
 * @throws Failure if it cannot be read
 */
export async function* readChunks(file: string | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of file === undefined ? process.stdin : createReadStream(file)) yield chunk as Uint8Array;
  } catch (error) {
    throw new Failure(`cannot read ${file ?? "stdin"}: ${formatError(error)}`);
  }
}

/** Returns whether these bytes are the start of a file that is compressed with gzip. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Uncompresses chunks.
 *
 * @throws Failure if they are not gzip, or truncated
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unzipped = createGunzip();
  // An error destroys all streams with it: the loop below throws it.
  pipeline(Readable.from(chunks), unzipped, () => {});
  try {
    for await (const chunk of unzipped) yield chunk as Uint8Array;
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`cannot uncompress the input: ${(error as Error).message}`);
  }
}

/** Takes chunks until they are enough, or until the end. */
export async function takeUntil(
  chunks: AsyncGenerator<Uint8Array>,
  isEnough: (bytes: Uint8Array) => boolean,
): Promise<Uint8Array> {
  let taken: Uint8Array = new Uint8Array(0);
  while (!isEnough(taken)) {
    const { value, done } = await chunks.next();
    if (done) break;
    taken = Buffer.concat([taken, value]);
  }
  return taken;
}

/** Yields one chunk, and then the others. */
export async function* prepend(first: Uint8Array, chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* chunks;
}
