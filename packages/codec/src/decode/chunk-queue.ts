// SPDX-License-Identifier: Apache-2.0

/** Chunks that were pushed before there was a pull: first in, first out, at a constant cost. */
export class ChunkQueue {
  readonly #chunks: (Uint8Array | undefined)[] = [];
  #taken = 0;
  /** Bytes waiting. */
  bytes = 0;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.length;
  }

  /** The first chunk; only to be asked for where bytes wait. */
  shift(): Uint8Array {
    const chunk = this.#chunks[this.#taken]!;
    this.#chunks[this.#taken++] = undefined;
    this.bytes -= chunk.length;
    if (this.bytes === 0) this.clear();
    return chunk;
  }

  clear(): void {
    this.#chunks.length = this.#taken = this.bytes = 0;
  }
}
