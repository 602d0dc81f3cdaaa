// SPDX-License-Identifier: Apache-2.0
import { Encoder, type ServerFrame } from "@natswire/codec";

/** What an outbox reports to its server. */
export interface OutboxListener {
  /** There are bytes to pull. */
  writable(): void;
  /** More than three quarters of the limit are pending, after each frame. */
  lagging(): void;
}

/** The bytes that one peer has not read yet. */
export class Outbox {
  readonly #encoder: Encoder<ServerFrame<string>> = new Encoder();
  /** Bytes that may be pending before the outbox is full. */
  readonly limit: number;
  readonly #laggingAbove: number;
  readonly #listener: OutboxListener;
  #isWritable = false;
  #unreleased = 0;

  /** @param limit bytes that may be pending before the outbox is full */
  constructor(limit: number, listener: OutboxListener) {
    this.limit = limit;
    this.#laggingAbove = limit * 0.75;
    this.#listener = listener;
  }

  /** Bytes that have not been released. */
  get pending(): number {
    return this.#encoder.pending + this.#unreleased;
  }

  /** Whether more bytes than the limit were pulled and are not released, or wait for their first `pull`. */
  get isFull(): boolean {
    return this.#unreleased > this.limit || this.#encoder.pending > this.limit;
  }

  /** Whether the peer has caught up: at most half of the limit is pending. */
  get hasRecovered(): boolean {
    return this.pending <= this.limit / 2;
  }

  /** Queues a frame. */
  push(frame: ServerFrame<string>): void {
    this.#encoder.push(frame);
    if (!this.#isWritable) {
      this.#isWritable = true;
      this.#listener.writable();
    }
    if (this.pending > this.#laggingAbove) this.#listener.lagging();
  }

  /** Returns the next bytes to write, or `undefined` if the outbox is empty. They stay valid until they are released. */
  pull(): Uint8Array | undefined {
    const bytes = this.#encoder.pull();
    if (bytes === undefined) this.#isWritable = false;
    else this.#unreleased += bytes.length;
    return bytes;
  }

  /** Releases the oldest `bytes` that were pulled. */
  release(bytes: number): void {
    this.#unreleased -= bytes;
    this.#encoder.release(bytes);
  }
}
