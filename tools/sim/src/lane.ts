// SPDX-License-Identifier: Apache-2.0
import { hold } from "./laws.ts";
import type { World } from "./world.ts";

/** What arrives at the end of a lane. */
export interface Ear<F> {
  /** Bytes, and the frames that end within them. */
  heard(chunk: Uint8Array, frames: F[]): void;
  /** Nothing more comes. */
  ended(): void;
}

/** One direction of a connection: bytes on their way, cut anywhere, late, held up or lost. */
export class Lane<F> {
  readonly #world: World;
  readonly #ear: Ear<F>;
  readonly #latency: number;
  // How many pieces what is sent at once may be cut into.
  readonly #pieces: number;
  #cargo: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #frames: { readonly frame: F; readonly end: number }[] = [];
  #last = 0;
  #sent = 0;
  #arrived = 0;
  // Where the last frame that arrived ended.
  #done = 0;
  #isEnding = false;
  #isOver = false;
  stalledUntil = 0;
  /** Nothing arrives any more, and nobody is told. */
  isDead = false;
  /** Who hears it does not read. */
  isPaused = false;

  constructor(world: World, ear: Ear<F>) {
    this.#world = world;
    this.#ear = ear;
    this.#latency = world.random.pick([0, 1, 5, 40]);
    this.#pieces = world.random.pick([1, 1, 3, 12]);
  }

  /** All that was sent has arrived. */
  get isEmpty(): boolean {
    return this.#cargo.length === 0 && !this.#isEnding && !this.#isOver;
  }

  /** A frame has begun to arrive, and its end has not. */
  get isWithinFrame(): boolean {
    return this.#arrived > this.#done;
  }

  /** @param frames with the number of bytes sent up to their ends, of these bytes alone */
  send(bytes: Uint8Array, frames: readonly { readonly frame: F; readonly end: number }[]): void {
    if (this.#isEnding || this.#isOver) return;
    const { random, now } = this.#world;
    for (const { frame, end } of frames) this.#frames.push({ frame, end: this.#sent + end });
    this.#sent += bytes.length;
    for (let from = 0, left = random.below(this.#pieces) + 1; from < bytes.length; left--) {
      const to = left <= 1 ? bytes.length : from + 1 + random.below(bytes.length - from);
      this.#last = Math.max(this.#last, now + this.#latency + random.below(4));
      this.#cargo.push({ at: this.#last, bytes: bytes.subarray(from, to) });
      this.#world.agenda.at(this.#last, this.#arrive);
      from = to;
    }
  }

  /** Nothing more is sent. */
  end(): void {
    this.#isEnding = true;
    this.#last = Math.max(this.#last, this.#world.now + this.#latency);
    this.#world.agenda.at(this.#last, this.#arrive);
  }

  /** From now on nothing arrives. */
  die(): void {
    this.isDead = true;
  }

  /** What is on its way is lost, and nothing comes any more. */
  clear(): void {
    this.#isOver = true;
    this.#cargo = [];
    this.#frames = [];
  }

  /** What was held up goes on. */
  resume(): void {
    this.#world.agenda.at(this.#world.now, this.#arrive);
  }

  readonly #arrive = (): void => {
    const { now, agenda, trace } = this.#world;
    if (this.#isOver || this.isDead || this.isPaused) return;
    if (this.stalledUntil > now) return agenda.at(this.stalledUntil, this.#arrive);
    let count = 0;
    let size = 0;
    for (; count < this.#cargo.length && this.#cargo[count]!.at <= now; count++)
      size += this.#cargo[count]!.bytes.length;
    if (size > 0) {
      // The reader's memory is its own.
      const chunk = new Uint8Array(size);
      let at = 0;
      for (const { bytes } of this.#cargo.splice(0, count)) {
        chunk.set(bytes, at);
        at += bytes.length;
      }
      this.#arrived += size;
      trace.mix(size);
      const whole = this.#frames.findIndex(({ end }) => end > this.#arrived);
      const frames = this.#frames.splice(0, whole < 0 ? this.#frames.length : whole);
      this.#done = frames.at(-1)?.end ?? this.#done;
      this.#ear.heard(
        chunk,
        frames.map(({ frame }) => frame),
      );
    }
    if (this.#isEnding && this.#cargo.length === 0 && !this.#isOver && !this.isPaused) {
      this.#isOver = true;
      this.#ear.ended();
    }
  };
}

/** Bytes that a machine lent for writing: they must not change before they are released. */
export class Loan {
  readonly #segments: { readonly segment: Uint8Array; readonly was: Uint8Array }[] = [];
  #out = 0;
  #used = 0;

  lend(segment: Uint8Array): void {
    this.#segments.push({ segment, was: segment.slice() });
    this.#out += segment.length;
  }

  /** @returns how many of so many bytes were lent, and are given back now */
  release(bytes: number): number {
    const released = Math.min(bytes, this.#out);
    this.#out -= released;
    this.#used += released;
    for (let first = this.#segments[0]; first !== undefined; first = this.#segments[0]) {
      const { segment, was } = first;
      const isSame = segment.length === was.length && was.every((byte, i) => byte === segment[i]);
      hold("lent", isSame, () => "bytes that were transmitted are others now");
      if (this.#used < segment.length) break;
      this.#used -= segment.length;
      this.#segments.shift();
    }
    return released;
  }
}
