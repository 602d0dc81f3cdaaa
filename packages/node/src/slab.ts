// SPDX-License-Identifier: Apache-2.0

// The most that a socket reads at once.
const SIZE = 65_536;
// With less room than this the next read would be short.
const LEAST = 16_384;

/**
 * Memory for a socket to read into. It is never written twice, so that what is read can be given away. By default Node
 * allocates 64 KiB for each read, however short.
 */
export class Slab {
  #memory: Uint8Array = new Uint8Array(0);
  #used = 0;

  /** Returns the memory for the next read. */
  room(): Uint8Array {
    if (this.#memory.length - this.#used < LEAST) {
      const { buffer, byteOffset } = Buffer.allocUnsafeSlow(SIZE);
      this.#memory = new Uint8Array(buffer, byteOffset, SIZE);
      this.#used = 0;
    }
    return this.#memory.subarray(this.#used);
  }

  /** Returns the bytes that were read into it. */
  take(bytes: number): Uint8Array {
    this.#used += bytes;
    return this.#memory.subarray(this.#used - bytes, this.#used);
  }
}
