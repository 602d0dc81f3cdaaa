// SPDX-License-Identifier: Apache-2.0

const FIRST = 1024;
const SLAB = 65_536;
// Above this a frame gets a buffer of its own, so that a slab is not pinned by one message.
const ALONE = 16_384;
const EMPTY = /* @__PURE__ */ new Uint8Array(0);
const NOTHING = /* @__PURE__ */ new DataView(EMPTY.buffer);

/**
 * The bytes of a frame that straddles chunks.
 *
 * Memory is only ever appended to: when a frame outgrows its place it moves to a larger buffer and the old one stays
 * as it was, so views handed out stay true. At most max(2 x the bytes held, 64 KiB) is allocated at a time, and a
 * declared size allocates nothing ahead of its bytes.
 */
export class Carry {
  bytes: Uint8Array<ArrayBuffer> = EMPTY;
  view: DataView = NOTHING;
  start = 0;
  end = 0;
  #slab: Uint8Array<ArrayBuffer> | undefined;
  #slabView: DataView = NOTHING;
  #free = 0;

  get length(): number {
    return this.end - this.start;
  }

  /**
   * Appends `from..to` of a chunk.
   *
   * @param total length of the whole frame where it is known, else 0
   */
  append(chunk: Uint8Array, from: number, to: number, total: number): void {
    const held = this.end - this.start;
    const needed = held + to - from;
    if (held === 0) this.#begin();
    if (this.start + needed > this.bytes.length) this.#move(held, needed, total);
    if (to - from < 64) for (let i = from; i < to; i++) this.bytes[this.end + i - from] = chunk[i]!;
    else this.bytes.set(chunk.subarray(from, to), this.end);
    this.end = this.start + needed;
  }

  /** The frame is complete or given up: the next one starts behind it. */
  finish(): void {
    if (this.bytes === this.#slab) this.#free = this.end;
    this.start = this.end;
  }

  #begin(): void {
    this.bytes = this.#slab ?? EMPTY;
    this.view = this.#slabView;
    this.start = this.end = this.#free;
  }

  #move(held: number, needed: number, total: number): void {
    const old = this.bytes.subarray(this.start, this.end);
    if (needed > ALONE) {
      const double = 2 * needed;
      this.bytes = new Uint8Array(total > 0 && total < double ? total : double);
      this.view = new DataView(this.bytes.buffer);
    } else {
      const next = this.#slab === undefined ? FIRST : Math.min(SLAB, 2 * this.#slab.length);
      this.bytes = this.#slab = new Uint8Array(Math.max(next, 2 * needed));
      this.view = this.#slabView = new DataView(this.bytes.buffer);
      this.#free = 0;
    }
    this.bytes.set(old, 0);
    this.start = 0;
    this.end = held;
  }
}
