// SPDX-License-Identifier: Apache-2.0
import { Encoder, type ServerFrame } from "@natswire/codec";

/** What an outbox tells its server. */
export interface OutboxListener {
  /** There is something to pull. */
  writable(): void;
  /** More waits than may: `bytes`. */
  full(bytes: number): void;
}

/** What one peer is told and has not read yet: a slow one holds up nobody. */
export class Outbox {
  readonly #encoder: Encoder<ServerFrame<string>> = new Encoder();
  readonly #limit: number;
  readonly #listener: OutboxListener;
  #isWritable = false;
  #unreleased = 0;

  /** @param limit bytes that may wait, pulled or not, before it is `full` */
  constructor(limit: number, listener: OutboxListener) {
    this.#limit = limit;
    this.#listener = listener;
  }

  /** Bytes that are not released yet. */
  get pending(): number {
    return this.#encoder.pending + this.#unreleased;
  }

  push(frame: ServerFrame<string>): void {
    this.#encoder.push(frame);
    if (!this.#isWritable) {
      this.#isWritable = true;
      this.#listener.writable();
    }
    if (this.pending > this.#limit) this.#listener.full(this.pending);
  }

  /** The next bytes to write; `undefined` where nothing waits. */
  pull(): Uint8Array | undefined {
    const bytes = this.#encoder.pull();
    if (bytes === undefined) this.#isWritable = false;
    else this.#unreleased += bytes.length;
    return bytes;
  }

  /** The oldest `bytes` pulled are no longer read. */
  release(bytes: number): void {
    this.#unreleased -= bytes;
    this.#encoder.release(bytes);
  }
}
