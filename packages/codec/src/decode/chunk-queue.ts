// SPDX-License-Identifier: Apache-2.0

/** A chunk, and its length when it was pushed. */
export interface LentChunk {
  readonly chunk: Uint8Array;
  readonly length: number;
}

/** The chunks that were pushed and not read yet: first in, first out, at a constant cost. */
export class ChunkQueue {
  readonly #chunks: (LentChunk | undefined)[] = [];
  #taken = 0;
  /** The number of bytes in the queue. */
  bytes = 0;

  /** Adds a chunk, which must not be empty. */
  push(chunk: Uint8Array): void {
    const { length } = chunk;
    this.#chunks.push({ chunk, length });
    this.bytes += length;
  }

  /** Removes and returns the first chunk. The queue must not be empty. */
  shift(): LentChunk {
    const first = this.#chunks[this.#taken]!;
    this.#chunks[this.#taken++] = undefined;
    this.bytes -= first.length;
    if (this.bytes === 0) this.clear();
    return first;
  }

  /** Removes all chunks. */
  clear(): void {
    this.#chunks.length = this.#taken = this.bytes = 0;
  }
}
