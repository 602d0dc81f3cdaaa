// SPDX-License-Identifier: Apache-2.0
import { Decoder, type Grammar, type Limits, ProtocolError, type ProtocolErrorCode } from "../src/index.ts";

/** What a decoder made of a stream. */
export interface Reading {
  readonly frames: unknown[];
  readonly fault: { readonly code: ProtocolErrorCode; readonly offset: number } | undefined;
  /** The position of the first byte that belongs to no frame. */
  readonly rest: number;
}

/** Decodes chunks. All frames are kept to the end of the stream, so the bytes that they borrow must not change. */
export function read<F>(chunks: Iterable<Uint8Array>, grammar: Grammar<F>, limits?: Partial<Limits>): Reading {
  const decoder = new Decoder(grammar, limits);
  const frames: unknown[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (const frame of decoder) frames.push(frame);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { frames, fault: { code: error.code, offset: error.offset }, rest: decoder.offset };
  }
  return { frames, fault: undefined, rest: decoder.offset };
}
