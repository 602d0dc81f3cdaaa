// SPDX-License-Identifier: Apache-2.0

// What a socket reads at most at once.
const SIZE = 65_536;
// With less room than this the next read would be a short one.
const LEAST = 16_384;

/**
 * Memory for a socket to read into. It is never written to twice, so that what is read can be given away; left to
 * itself Node takes as much for each read, however short, and gives the rest back.
 */
export class Slab {
  #memory: Uint8Array = new Uint8Array(0);
  #used = 0;

  /** Where to read to next. */
  room(): Uint8Array {
    if (this.#memory.length - this.#used < LEAST) {
      const { buffer, byteOffset } = Buffer.allocUnsafeSlow(SIZE);
      this.#memory = new Uint8Array(buffer, byteOffset, SIZE);
      this.#used = 0;
    }
    return this.#memory.subarray(this.#used);
  }

  /** The bytes that were read to there. */
  take(bytes: number): Uint8Array {
    this.#used += bytes;
    return this.#memory.subarray(this.#used - bytes, this.#used);
  }
}
