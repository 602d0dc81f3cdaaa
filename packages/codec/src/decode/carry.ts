// SPDX-License-Identifier: Apache-2.0
import { EMPTY, EMPTY_VIEW } from "../empty.ts";

const FIRST_SLAB = 1024;
const SLAB = 65_536;
// What an idle connection may hold.
const KEPT_WHEN_IDLE = 4096;
// Above this a frame gets a buffer of its own, so that a slab is not pinned by one message.
const OWN_BUFFER = 16_384;
const LOOP_COPY = 64;

/**
 * The bytes of a frame that straddles chunks.
 *
 * Memory is only ever appended to: when a frame outgrows its place it moves to a larger buffer and the old one stays
 * as it was, so views handed out stay true. No more is allocated ahead of its bytes than they are themselves, nor more
 * than 64 KiB once the length of a frame is known.
 */
export class Carry {
  /** The line is here at `start`, and once no more than 64 KiB of the frame lack, all that is there of it, to `end`. */
  bytes: Uint8Array<ArrayBuffer> = EMPTY;
  view: DataView = EMPTY_VIEW;
  start = 0;
  end = 0;
  #slab: Uint8Array<ArrayBuffer> | undefined;
  #slabView: DataView = EMPTY_VIEW;
  #free = 0;
  // The body of a large frame, until it is complete: to grow one buffer would be to copy it again and again (`1 MB,
  // chunks of 64 KB`).
  readonly #blocks: Uint8Array[] = [];
  #inBlocks = 0;
  #room = 0;

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
    if (held === 0) this.begin();
    if (needed > OWN_BUFFER && needed + SLAB < total) this.#stack(chunk, from, to, needed);
    else {
      if (this.start + needed > this.bytes.length || this.#inBlocks > 0) this.#move(held, needed, total);
      copy(chunk, from, to, this.bytes, this.end);
    }
    this.end = this.start + needed;
  }

  /** The frame is complete or given up: the next one starts behind it. */
  finish(): void {
    if (this.bytes === this.#slab) this.#free = this.end - this.#inBlocks;
    this.start = this.end;
    this.#dropBlocks();
  }

  /** Nothing will come any more. */
  drop(): void {
    this.#slab = undefined;
    this.#slabView = EMPTY_VIEW;
    this.#free = 0;
    this.#dropBlocks();
    this.begin();
  }

  /** Nothing is there, and nothing may come for long: of the slab no more is kept than an idle connection may hold. */
  trim(): void {
    if (this.#slab !== undefined && this.#slab.length > KEPT_WHEN_IDLE) this.drop();
    else this.begin();
  }

  /** The next frame starts where the small ones are; the memory of a large one is let go. */
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
      copy(chunk, at, stop, block, block.length - this.#room);
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
    // The last one fits whole: while there were blocks, more than their size of the frame lacked.
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

/** A call for a few bytes costs more than the bytes. */
function copy(chunk: Uint8Array, from: number, to: number, into: Uint8Array, at: number): void {
  if (to - from < LOOP_COPY) for (let i = from; i < to; i++) into[at + i - from] = chunk[i]!;
  else into.set(chunk.subarray(from, to), at);
}
