// SPDX-License-Identifier: Apache-2.0

const SLAB = 262_144;
// What is shorter an Encoder copies itself.
const BORROW_THRESHOLD = 8192;
// Slabs that nobody uses at the moment: one store for all connections, so that an idle one holds none, and as many as
// wait before a publisher is asked to wait itself.
const MAX_SPARE = 16;
const spareSlabs: Uint8Array[] = [];

/** Copies of payloads, in memory that is used again once all that was written with them is released. */
export class PayloadPool {
  #slab: Uint8Array | undefined;
  #used = 0;
  // How many bytes must be released before the slab is free.
  #mark = 0;
  readonly #full: { readonly slab: Uint8Array; readonly mark: number }[] = [];

  /** The payload, in memory of its own where an Encoder would borrow it. */
  copy(payload: Uint8Array): Uint8Array {
    const { length } = payload;
    if (!(length > BORROW_THRESHOLD)) return payload;
    if (length > SLAB) return new Uint8Array(payload);
    const copy = this.#slabFor(length).subarray(this.#used, this.#used + length);
    copy.set(payload);
    this.#used += length;
    return copy;
  }

  /** The last copy is written when so many bytes are, since the connection began. */
  holdUntil(mark: number): void {
    this.#mark = mark;
  }

  /** So many bytes are released since the connection began. */
  release(bytes: number): void {
    for (let oldest = this.#full[0]; oldest !== undefined && oldest.mark <= bytes; oldest = this.#full[0]) {
      recycle(oldest.slab);
      this.#full.shift();
    }
    if (this.#slab === undefined || this.#mark > bytes) return;
    recycle(this.#slab);
    this.#slab = undefined;
  }

  /** A slab with so much room. */
  #slabFor(length: number): Uint8Array {
    if (this.#slab !== undefined && this.#used + length <= SLAB) return this.#slab;
    if (this.#slab !== undefined) this.#full.push({ slab: this.#slab, mark: this.#mark });
    this.#slab = spareSlabs.pop() ?? new Uint8Array(SLAB);
    this.#used = 0;
    return this.#slab;
  }
}

function recycle(slab: Uint8Array): void {
  if (spareSlabs.length < MAX_SPARE) spareSlabs.push(slab);
}
