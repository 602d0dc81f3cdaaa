// SPDX-License-Identifier: Apache-2.0

import type { Limits } from "../limits.ts";
import type { Grammar } from "./grammar.ts";
import { Scanner } from "./scanner.ts";

/**
 * Bytes in, frames out: push chunks as they arrive, pull plain frames until there is none.
 *
 * Any chunking gives the same frames, and for malformed input the same error at the same offset. Nothing is called
 * back; not pulling is backpressure. A chunk is lent until `pull` returned undefined; what frames hold of it are views.
 */
export class Decoder<F> implements Iterable<F> {
  readonly #grammar: Grammar<F>;
  readonly #scanner: Scanner;

  /**
   * @param grammar who sends the bytes: `serverFrames` or `clientFrames`
   * @param limits overrides of the grammar's limits
   */
  constructor(grammar: Grammar<F>, limits?: Partial<Limits>) {
    this.#grammar = grammar;
    this.#scanner = new Scanner(grammar, limits);
  }

  /** Bytes pushed that no pulled frame has used; 0 is a clean cut, where a stream may switch to TLS. */
  get buffered(): number {
    return this.#scanner.buffered;
  }

  /** Absolute position of the next frame's first byte; after a fault, of the line that broke the protocol. */
  get offset(): number {
    return this.#scanner.offset;
  }

  /** Lends a chunk; it is never written to. Does nothing after a fault. */
  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk);
  }

  /**
   * The next frame, or `undefined`: more bytes, please.
   *
   * @throws ProtocolError at the first byte that no healthy peer can send, and the same object ever after
   */
  pull(): F | undefined {
    return this.#scanner.next() === 0 ? undefined : this.#grammar.frame(this.#scanner);
  }

  /** Pulls until there is no frame left; after more bytes, iterate again. */
  *[Symbol.iterator](): Iterator<F> {
    for (let frame = this.pull(); frame !== undefined; frame = this.pull()) yield frame;
  }
}
