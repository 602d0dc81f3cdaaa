// SPDX-License-Identifier: Apache-2.0

/** The chunks that were pushed and not read yet: first in, first out, at a constant cost. */
export class ChunkQueue {
  readonly #chunks: (Uint8Array | undefined)[] = [];
  #taken = 0;
  /** The number of bytes in the queue. */
  bytes = 0;

  /** Adds a chunk, which must not be empty. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.length;
  }

  /** Removes and returns the first chunk. The queue must not be empty. */
  shift(): Uint8Array {
    const chunk = this.#chunks[this.#taken]!;
    this.#chunks[this.#taken++] = undefined;
    this.bytes -= chunk.length;
    if (this.bytes === 0) this.clear();
    return chunk;
  }

  /** Removes all chunks. */
  clear(): void {
    this.#chunks.length = this.#taken = this.bytes = 0;
  }
}
