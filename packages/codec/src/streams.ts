// SPDX-License-Identifier: Apache-2.0
/**
 * Frames of a web stream or a Node stream.
 *
 * @module
 */

import { Decoder } from "./decode/decoder.ts";
import type { Grammar } from "./decode/grammar.ts";
import type { Limits } from "./limits.ts";

/** What `frames` reads: a web ReadableStream, a Node stream, or anything else that can be iterated in time. */
export interface Chunks {
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
}

/** What `new TransformStream(...)` is made of. */
export interface FrameTransformer<F> {
  transform(chunk: Uint8Array, controller: { enqueue(frame: F): void }): void;
  flush(): void;
}

/**
 * The stream ended inside a frame.
 *
 * Its `offset` is where that frame began: everything before it was delivered.
 */
export class IncompleteError extends Error {
  override readonly name = "IncompleteError";
  /** Absolute position of the unfinished frame's first byte. */
  readonly offset: number;

  constructor(offset: number, buffered: number) {
    super(`the stream ended ${buffered} bytes into the frame at byte ${offset}`);
    this.offset = offset;
  }
}

/**
 * The frames of a byte stream: `for await (const frame of frames(readable, serverFrames))`.
 *
 * Leaving the loop closes the stream. What a frame borrows is good until the next one is asked for, and beyond where
 * the stream does not reuse its chunks.
 *
 * @throws ProtocolError at the first byte no healthy peer can send; IncompleteError where the stream ends in a frame
 */
export async function* frames<F>(readable: Chunks, grammar: Grammar<F>, limits?: Partial<Limits>): AsyncGenerator<F> {
  const decoder = new Decoder(grammar, limits);
  for await (const chunk of readable) {
    decoder.push(chunk);
    yield* decoder;
  }
  complete(decoder);
}

/**
 * A decoder for `new TransformStream(frameTransformer(serverFrames))`: bytes in, frames out.
 *
 * A ProtocolError, or an IncompleteError at the end, becomes the stream's error; frames before it are delivered.
 */
export function frameTransformer<F>(grammar: Grammar<F>, limits?: Partial<Limits>): FrameTransformer<F> {
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

function complete(decoder: Decoder<unknown>): void {
  if (decoder.buffered > 0) throw new IncompleteError(decoder.offset, decoder.buffered);
}
