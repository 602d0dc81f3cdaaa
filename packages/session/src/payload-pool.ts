// SPDX-License-Identifier: Apache-2.0
import { byteLength } from "@natswire/codec";

const SLAB = 262_144;
// An Encoder copies payloads of at most this size itself.
const BORROW_THRESHOLD = 8192;
// Unused slabs, shared by all connections so that an idle one holds none. 16 slabs are 4 MiB: half of the default maxPending,
// at which `publish` returns `full`.
const MAX_SPARE = 16;
const spareSlabs: Uint8Array[] = [];

/** Copies payloads into slabs of 256 KiB, and reuses a slab after all that was written from it is released. */
export class PayloadPool {
  #slab: Uint8Array | undefined;
  #used = 0;
  // The number of released bytes at which the slab is free.
  #mark = 0;
  readonly #full: { readonly slab: Uint8Array; readonly mark: number }[] = [];

  /** Returns a copy of the payload if an Encoder would borrow it, or the payload itself. */
  copy(payload: Uint8Array): Uint8Array {
    if (!(payload.length > BORROW_THRESHOLD)) return payload;
    // A subclass may report more than it has: a copy of that length would hold bytes of other messages.
    const length = byteLength(payload);
    if (length <= BORROW_THRESHOLD) return payload;
    if (length > SLAB) return new Uint8Array(payload);
    const copy = this.#slabFor(length).subarray(this.#used, this.#used + length);
    copy.set(payload);
    this.#used += length;
    return copy;
  }

  /** Holds the last copy until this many bytes of the connection are released. */
  holdUntil(mark: number): void {
    this.#mark = mark;
  }

  /** Frees the slabs that are not needed after this many released bytes of the connection. */
  release(bytes: number): void {
    for (let oldest = this.#full[0]; oldest !== undefined && oldest.mark <= bytes; oldest = this.#full[0]) {
      recycle(oldest.slab);
      this.#full.shift();
    }
    if (this.#slab === undefined || this.#mark > bytes) return;
    recycle(this.#slab);
    this.#slab = undefined;
  }

  /** Returns a slab with room for this many bytes. */
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
