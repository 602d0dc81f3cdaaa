// SPDX-License-Identifier: Apache-2.0
import { copyBytes } from "../bytes.ts";
import { EMPTY, EMPTY_VIEW } from "../empty.ts";

// The size of the first slab, and of the largest one, in bytes.
const FIRST_SLAB = 1024;
const SLAB = 65_536;
// The largest slab that an idle connection keeps.
const KEPT_WHEN_IDLE = 4096;
// A larger frame gets a buffer of its own, so that one message does not keep a slab alive.
const OWN_BUFFER = 16_384;

/**
 * Holds the bytes of a frame that straddles chunks.
 *
 * Memory is only appended to. If a frame outgrows its place, it moves to a larger buffer and the old one stays as it was,
 * so views of earlier frames stay valid. At most as much is allocated ahead as has been received, and at most 64 KiB once
 * the length of the frame is known.
 */
export class Carry {
  /** Holds the control line from `start`, and the whole frame to `end` once at most 64 KiB of it are missing. */
  bytes: Uint8Array<ArrayBuffer> = EMPTY;
  view: DataView = EMPTY_VIEW;
  start = 0;
  end = 0;
  #slab: Uint8Array<ArrayBuffer> | undefined;
  #slabView: DataView = EMPTY_VIEW;
  #free = 0;
  // The body of a large frame until most of it is there. A single buffer would be copied each time it grows (`1 MB, chunks
  // of 64 KB`).
  readonly #blocks: Uint8Array[] = [];
  #inBlocks = 0;
  #room = 0;

  /** The number of bytes held. */
  get length(): number {
    return this.end - this.start;
  }

  /**
   * Appends `from..to` of a chunk.
   *
   * @param total the length of the whole frame in bytes, or 0 if it is not known yet
   */
  append(chunk: Uint8Array, from: number, to: number, total: number): void {
    const held = this.end - this.start;
    const needed = held + to - from;
    if (held === 0) this.begin();
    if (needed > OWN_BUFFER && needed + SLAB < total) this.#stack(chunk, from, to, needed);
    else {
      if (this.start + needed > this.bytes.length || this.#inBlocks > 0) this.#move(held, needed, total);
      copyBytes(chunk, from, to, this.bytes, this.end);
    }
    this.end = this.start + needed;
  }

  /** Ends the frame: the next one starts after it. */
  finish(): void {
    if (this.bytes === this.#slab) this.#free = this.end - this.#inBlocks;
    this.start = this.end;
    this.#dropBlocks();
  }

  /** Releases all memory. */
  drop(): void {
    this.#slab = undefined;
    this.#slabView = EMPTY_VIEW;
    this.#free = 0;
    this.#dropBlocks();
    this.begin();
  }

  /** Releases what an idle connection should not hold. Only valid while no frame has begun. */
  trim(): void {
    if (this.#slab !== undefined && this.#slab.length > KEPT_WHEN_IDLE) this.drop();
    else this.begin();
  }

  /** Starts a frame in the slab, and releases the buffer of a large one. */
  begin(): void {
    this.bytes = this.#slab ?? EMPTY;
    this.view = this.#slabView;
    this.start = this.end = this.#free;
  }

  #stack(chunk: Uint8Array, from: number, to: number, needed: number): void {
    for (let at = from; at < to; ) {
      if (this.#room === 0) {
        this.#room = Math.min(SLAB, needed);
        this.#blocks.push(new Uint8Array(this.#room));
      }
      const block = this.#blocks[this.#blocks.length - 1]!;
      const stop = Math.min(to, at + this.#room);
      copyBytes(chunk, at, stop, block, block.length - this.#room);
      this.#room -= stop - at;
      at = stop;
    }
    this.#inBlocks += to - from;
  }

  #move(held: number, needed: number, total: number): void {
    const old = this.bytes.subarray(this.start, this.end - this.#inBlocks);
    if (needed > OWN_BUFFER) {
      const double = 2 * needed;
      this.bytes = new Uint8Array(total > 0 && total < double ? total : double);
      this.view = new DataView(this.bytes.buffer);
    } else {
      const next = this.#slab === undefined ? FIRST_SLAB : Math.min(SLAB, 2 * this.#slab.length);
      this.bytes = this.#slab = new Uint8Array(Math.max(next, 2 * needed));
      this.view = this.#slabView = new DataView(this.bytes.buffer);
      this.#free = 0;
    }
    this.bytes.set(old, 0);
    let at = old.length;
    // The last block fits: while there are blocks, more bytes of the frame are missing than a block holds.
    for (const block of this.#blocks) {
      this.bytes.set(block, at);
      at += block.length;
    }
    this.#dropBlocks();
    this.start = 0;
    this.end = held;
  }

  #dropBlocks(): void {
    this.#blocks.length = this.#inBlocks = this.#room = 0;
  }
}
