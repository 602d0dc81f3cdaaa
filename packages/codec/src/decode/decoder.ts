// SPDX-License-Identifier: Apache-2.0

import { UsageError } from "../errors.ts";
import type { Limits, Options } from "../limits.ts";
import type { Grammar } from "./grammar.ts";
import { Scanner } from "./scanner.ts";

// As a function of its own, so that engines still inline `pull`.
function rejectFrame(): never {
  throw new UsageError("BAD_FIELD", "grammar.frame() returned nothing");
}

/**
 * Decodes a stream of bytes to frames, which are plain objects.
 *
 * - **Order of calls**: `push` each chunk as it arrives, then call `pull` until it returns `undefined`, or iterate. You
 *   may push several chunks before you pull. Not to pull is backpressure: nothing is called back.
 * - **Chunks**: the frames do not depend on how the stream is cut into chunks. For invalid input, neither do the error code
 *   and the offset.
 * - **Position**: `offset` is where the next frame begins, `buffered` how many bytes are not used yet.
 * - **Errors**: `pull` throws a `ProtocolError` if the peer violated the protocol, after all frames before the fault. From
 *   then on `pull` throws the same error and `push` does nothing. If a chunk was detached or resized before it was read,
 *   `pull` throws a `UsageError` once: push the stream again from byte `offset + buffered`.
 *
 * Chunks are lent, header blocks and payloads are borrowed: see "Lifetimes" in docs/codec.md.
 *
 * @example
 * ```ts
 * import { Decoder, serverFrames } from "@natswire/codec";
 *
 * const decoder = new Decoder(serverFrames);
 * const received: string[] = [];
 * for (const chunk of ["MSG orders.new 7 5\r\nap", "ple\r\nPING\r\n"]) {
 *   decoder.push(new TextEncoder().encode(chunk));
 *   for (const frame of decoder) {
 *     received.push(frame.op === "msg" ? new TextDecoder().decode(frame.payload) : frame.op);
 *   }
 * }
 * console.log(received); // [ 'apple', 'ping' ]
 * ```
 */
export class Decoder<F> implements Iterable<F> {
  readonly #grammar: Grammar<F>;
  readonly #scanner: Scanner;

  /**
   * @param grammar who sends the bytes: `serverFrames`, `clientFrames` or a grammar of your own
   * @param limits the limits to change; the defaults are `grammar.limits`
   * @throws UsageError BAD_NUMBER if a limit is not a whole number or Infinity; BAD_FIELD for an unknown
   * limit, and if `strictLineEnd` is not a boolean
   */
  constructor(grammar: Grammar<F>, limits?: Options<Limits>) {
    this.#grammar = grammar;
    this.#scanner = new Scanner(grammar, limits);
  }

  /** The number of bytes that belong to no pulled frame. 0 means that the stream may end, or switch to TLS, here. */
  get buffered(): number {
    return this.#scanner.buffered;
  }

  /**
   * The position of the next frame's first byte in the stream, in bytes from 0. After a fault, it is the first byte of
   * the line that violated the protocol.
   */
  get offset(): number {
    return this.#scanner.offset;
  }

  /**
   * Lends a chunk until `pull` returns `undefined`. The chunk is never written. Does nothing after a fault.
   *
   * @throws UsageError BAD_FIELD if the chunk is neither a Uint8Array nor an ArrayBuffer
   */
  push(chunk: Uint8Array | ArrayBuffer): void {
    this.#scanner.push(chunk);
  }

  /**
   * Returns the next frame, or `undefined` if more bytes are needed.
   *
   * @throws ProtocolError if the peer violated the protocol; every later call throws the same error
   * @throws UsageError BAD_FIELD, once, if a chunk was detached or resized before it was read, or if `frame` of the grammar
   * returned nothing: the frame is lost
   */
  pull(): F | undefined {
    if (this.#scanner.next() === 0) return undefined;
    return this.#grammar.frame(this.#scanner) ?? rejectFrame();
  }

  /**
   * Changes some limits, for example after an INFO with another `max_payload`. They apply to all frames that were not returned
   * yet.
   *
   * @throws UsageError BAD_NUMBER if a limit is not a whole number or Infinity; BAD_FIELD for an unknown
   * limit, and if `strictLineEnd` is not a boolean
   */
  setLimits(limits: Options<Limits>): void {
    this.#scanner.setLimits(limits);
  }

  /** Iterates over the frames that are complete. After more bytes were pushed, iterate again. */
  *[Symbol.iterator](): Iterator<F> {
    for (let frame = this.pull(); frame !== undefined; frame = this.pull()) yield frame;
  }
}
