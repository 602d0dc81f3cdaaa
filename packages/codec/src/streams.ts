// SPDX-License-Identifier: Apache-2.0
/**
 * Decodes web streams and Node streams.
 *
 * @module
 */

import { Decoder } from "./decode/decoder.ts";
import type { Grammar } from "./decode/grammar.ts";
import type { Limits, Options } from "./limits.ts";

/** The input of `frames`: a web ReadableStream, a Node stream, or any other async iterable of chunks. */
export type Chunks = IterableChunks | ReadableChunks;

/** An async iterable of chunks: a Node stream, or a web ReadableStream of a runtime that can iterate it. */
export interface IterableChunks {
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array | ArrayBuffer>;
}

/** A web ReadableStream, as `frames` reads it if the runtime cannot iterate it, as Safari cannot. */
export interface ReadableChunks {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | ArrayBuffer | undefined }>;
    cancel(): Promise<void>;
    releaseLock(): void;
  };
}

/** The argument of `new TransformStream(…)`. */
export interface FrameTransformer<F> {
  transform(chunk: Uint8Array | ArrayBuffer, controller: { enqueue(frame: F): void }): void;
  flush(): void;
}

/**
 * Reports that a stream ended inside a frame. All frames before it were delivered.
 */
export class IncompleteError extends Error {
  override readonly name = "IncompleteError";
  /** The position of the first byte of the unfinished frame in the stream, in bytes from 0. */
  readonly offset: number;

  /**
   * @param offset the position of the unfinished frame's first byte
   * @param buffered how many bytes of the frame were received
   */
  constructor(offset: number, buffered: number) {
    super(`the stream ended ${buffered} bytes into the frame at byte ${offset}`);
    this.offset = offset;
  }
}

/**
 * Yields the frames of a byte stream. Leaving the loop closes the stream.
 *
 * Header block and payload are borrowed until the next frame is pulled: see "Lifetimes" in docs/codec.md.
 *
 * @param readable the chunks of the stream
 * @param grammar who sends the stream: `serverFrames` or `clientFrames`
 * @param limits the limits to change; the defaults are `grammar.limits`
 * @throws ProtocolError if the peer violated the protocol; the frames before are yielded first
 * @throws IncompleteError if the stream ends inside a frame
 *
 * @example
 * ```ts
 * import { serverFrames } from "@natswire/codec";
 * import { frames } from "@natswire/codec/streams";
 *
 * const readable = new Blob(["MSG orders.new 1 5\r\nap", "ple\r\nPING\r\n"]).stream();
 * const received: string[] = [];
 * for await (const frame of frames(readable, serverFrames)) received.push(frame.op);
 * console.log(received); // [ 'msg', 'ping' ]
 * ```
 */
export async function* frames<F>(readable: Chunks, grammar: Grammar<F>, limits?: Options<Limits>): AsyncGenerator<F> {
  const decoder = new Decoder(grammar, limits);
  for await (const chunk of isIterable(readable) ? readable : read(readable)) {
    decoder.push(chunk);
    yield* decoder;
  }
  complete(decoder);
}

/**
 * Returns the argument of `new TransformStream(…)` for a stream that decodes bytes to frames.
 *
 * A ProtocolError, or an IncompleteError at the end, becomes the error of the stream, after the frames before it.
 *
 * @param grammar who sends the stream: `serverFrames` or `clientFrames`
 * @param limits the limits to change; the defaults are `grammar.limits`
 *
 * @example
 * ```ts
 * import { clientFrames } from "@natswire/codec";
 * import { frameTransformer } from "@natswire/codec/streams";
 *
 * const bytes = new Blob(["SUB orders.* 1\r\nPING\r\n"]).stream();
 * const reader = bytes.pipeThrough(new TransformStream(frameTransformer(clientFrames))).getReader();
 * console.log((await reader.read()).value?.op); // sub
 * console.log((await reader.read()).value?.op); // ping
 * ```
 */
export function frameTransformer<F>(grammar: Grammar<F>, limits?: Options<Limits>): FrameTransformer<F> {
  const decoder = new Decoder(grammar, limits);
  return {
    transform(chunk, controller) {
      decoder.push(chunk);
      for (const frame of decoder) controller.enqueue(frame);
    },
    flush() {
      complete(decoder);
    },
  };
}

function isIterable(readable: Chunks): readable is IterableChunks {
  return typeof (readable as Partial<IterableChunks>)[Symbol.asyncIterator] === "function";
}

/** Yields the chunks of a web stream. If it is left early, it cancels the stream, as the stream's own iterator does. */
async function* read(readable: ReadableChunks): AsyncGenerator<Uint8Array | ArrayBuffer> {
  const reader = readable.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value!;
  } finally {
    await reader.cancel();
    reader.releaseLock();
  }
}

function complete(decoder: Decoder<unknown>): void {
  if (decoder.buffered > 0) throw new IncompleteError(decoder.offset, decoder.buffered);
}
