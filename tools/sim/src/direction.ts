// SPDX-License-Identifier: Apache-2.0
import { hold } from "./laws.ts";
import type { Network } from "./network.ts";

/** The receiving end of a direction. */
export interface Receiver<F> {
  /** Receives bytes, and the frames that end within them. */
  received(chunk: Uint8Array, frames: F[]): void;
  /** Called at the end of the stream. */
  ended(): void;
}

/** One direction of a connection. Its bytes are cut anywhere, delayed, stalled or lost. */
export class Direction<F> {
  readonly #network: Network;
  readonly #receiver: Receiver<F>;
  readonly #latency: number;
  // The maximum number of pieces into which one `send` is cut.
  readonly #pieces: number;
  #inTransit: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #frames: { readonly frame: F; readonly end: number }[] = [];
  #last = 0;
  #sent = 0;
  #arrived = 0;
  // The offset after the last complete frame that arrived.
  #frameEnd = 0;
  #isEnding = false;
  #isOver = false;
  stalledUntil = 0;
  /** Nothing arrives any more, and neither side is notified. */
  isStopped = false;
  /** The receiver does not read. */
  isPaused = false;

  constructor(network: Network, receiver: Receiver<F>) {
    this.#network = network;
    this.#receiver = receiver;
    this.#latency = network.random.pick([0, 1, 5, 40]);
    this.#pieces = network.random.pick([1, 1, 3, 12]);
  }

  /** Whether everything sent has arrived. */
  get isEmpty(): boolean {
    return this.#inTransit.length === 0 && !this.#isEnding && !this.#isOver;
  }

  /** Whether a frame has arrived in part. */
  get isWithinFrame(): boolean {
    return this.#arrived > this.#frameEnd;
  }

  /** @param frames each with the offset of its end in `bytes` */
  send(bytes: Uint8Array, frames: readonly { readonly frame: F; readonly end: number }[]): void {
    if (this.#isEnding || this.#isOver) return;
    const { random, now } = this.#network;
    for (const { frame, end } of frames) this.#frames.push({ frame, end: this.#sent + end });
    this.#sent += bytes.length;
    for (let from = 0, left = random.below(this.#pieces) + 1; from < bytes.length; left--) {
      const to = left <= 1 ? bytes.length : from + 1 + random.below(bytes.length - from);
      this.#last = Math.max(this.#last, now + this.#latency + random.below(4));
      this.#inTransit.push({ at: this.#last, bytes: bytes.subarray(from, to) });
      this.#network.schedule.at(this.#last, this.#arrive);
      from = to;
    }
  }

  /** Ends the stream after what was sent. */
  end(): void {
    this.#isEnding = true;
    this.#last = Math.max(this.#last, this.#network.now + this.#latency);
    this.#network.schedule.at(this.#last, this.#arrive);
  }

  /** Discards everything from now on without notifying anyone. */
  stop(): void {
    this.isStopped = true;
  }

  /** Discards what is in transit and ends. */
  clear(): void {
    this.#isOver = true;
    this.#inTransit = [];
    this.#frames = [];
  }

  /** Continues after a stall or a pause. */
  resume(): void {
    this.#network.schedule.at(this.#network.now, this.#arrive);
  }

  readonly #arrive = (): void => {
    const { now, schedule, trace } = this.#network;
    if (this.#isOver || this.isStopped || this.isPaused) return;
    if (this.stalledUntil > now) return schedule.at(this.stalledUntil, this.#arrive);
    let count = 0;
    let size = 0;
    for (; count < this.#inTransit.length && this.#inTransit[count]!.at <= now; count++)
      size += this.#inTransit[count]!.bytes.length;
    if (size > 0) {
      // The receiver owns the memory of the chunk.
      const chunk = new Uint8Array(size);
      let at = 0;
      for (const { bytes } of this.#inTransit.splice(0, count)) {
        chunk.set(bytes, at);
        at += bytes.length;
      }
      this.#arrived += size;
      trace.mix(size);
      const whole = this.#frames.findIndex(({ end }) => end > this.#arrived);
      const frames = this.#frames.splice(0, whole < 0 ? this.#frames.length : whole);
      this.#frameEnd = frames.at(-1)?.end ?? this.#frameEnd;
      this.#receiver.received(
        chunk,
        frames.map(({ frame }) => frame),
      );
    }
    if (this.#isEnding && this.#inTransit.length === 0 && !this.#isOver && !this.isPaused) {
      this.#isOver = true;
      this.#receiver.ended();
    }
  };
}

/** Segments that a machine transmitted. They must not change before they are released. */
export class Loan {
  readonly #segments: { readonly segment: Uint8Array; readonly was: Uint8Array }[] = [];
  #out = 0;
  #used = 0;

  lend(segment: Uint8Array): void {
    this.#segments.push({ segment, was: segment.slice() });
    this.#out += segment.length;
  }

  /** Returns how many of `bytes` bytes were transmitted and can be released now. */
  release(bytes: number): number {
    const released = Math.min(bytes, this.#out);
    this.#out -= released;
    this.#used += released;
    for (let first = this.#segments[0]; first !== undefined; first = this.#segments[0]) {
      const { segment, was } = first;
      const isSame = segment.length === was.length && was.every((byte, i) => byte === segment[i]);
      hold("borrowed", isSame, () => "transmitted bytes have changed");
      if (this.#used < segment.length) break;
      this.#used -= segment.length;
      this.#segments.shift();
    }
    return released;
  }
}
