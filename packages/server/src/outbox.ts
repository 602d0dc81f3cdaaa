// SPDX-License-Identifier: Apache-2.0
import { Encoder, type ServerFrame } from "@natswire/codec";

/** What an outbox tells its server. */
export interface Post {
  /** There is something to pull. */
  waiting(): void;
  /** More waits than may: `bytes`. */
  full(bytes: number): void;
}

/** What one peer is told and has not read yet: a slow one holds up nobody. */
export class Outbox {
  readonly #encoder: Encoder<ServerFrame<string>> = new Encoder();
  readonly #most: number;
  readonly #post: Post;
  #isAnnounced = false;
  #lent = 0;

  /** @param most bytes that may wait, pulled or not, before it is `full` */
  constructor(most: number, post: Post) {
    this.#most = most;
    this.#post = post;
  }

  /** Bytes that are not released yet. */
  get pending(): number {
    return this.#encoder.pending + this.#lent;
  }

  push(frame: ServerFrame<string>): void {
    this.#encoder.push(frame);
    if (!this.#isAnnounced) {
      this.#isAnnounced = true;
      this.#post.waiting();
    }
    if (this.pending > this.#most) this.#post.full(this.pending);
  }

  /** The next bytes to write; `undefined` where nothing waits. */
  pull(): Uint8Array | undefined {
    const bytes = this.#encoder.pull();
    if (bytes === undefined) this.#isAnnounced = false;
    else this.#lent += bytes.length;
    return bytes;
  }

  /** The oldest `bytes` pulled are no longer read. */
  release(bytes: number): void {
    this.#lent -= bytes;
    this.#encoder.release(bytes);
  }
}
