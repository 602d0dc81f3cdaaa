// SPDX-License-Identifier: Apache-2.0
import { Encoder, type ServerFrame } from "@natswire/codec";

/** What an outbox reports to its server. */
export interface OutboxListener {
  /** There are bytes to pull. */
  writable(): void;
  /** More `bytes` are pending than the limit. */
  full(bytes: number): void;
}

/** The bytes that one peer has not read yet. A slow peer does not hold up the others. */
export class Outbox {
  readonly #encoder: Encoder<ServerFrame<string>> = new Encoder();
  readonly #limit: number;
  readonly #listener: OutboxListener;
  #isWritable = false;
  #unreleased = 0;

  /** @param limit bytes that may be pending, pulled or not, before the outbox is `full` */
  constructor(limit: number, listener: OutboxListener) {
    this.#limit = limit;
    this.#listener = listener;
  }

  /** Bytes that have not been released. */
  get pending(): number {
    return this.#encoder.pending + this.#unreleased;
  }

  /** Queues a frame. */
  push(frame: ServerFrame<string>): void {
    this.#encoder.push(frame);
    if (!this.#isWritable) {
      this.#isWritable = true;
      this.#listener.writable();
    }
    if (this.pending > this.#limit) this.#listener.full(this.pending);
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
