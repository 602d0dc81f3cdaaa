// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

/** One direction of a proxied connection. */
export class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  #isHeld = false;
  #release: () => void = () => {};
  #released: Promise<void> = Promise.resolve();
  #isDiscarding = false;
  // Bytes that are still to be written one at a time.
  #single = 0;
  #cut: { left: number; then(): void } | undefined;

  /** Forwards bytes until one of the sockets is gone. The end of the stream is forwarded as well. */
  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    void this.#forward();
  }

  /** Forwards nothing until `release` is called. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#released = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  /** Forwards what was held, and everything after it. */
  release(): void {
    this.#isHeld = false;
    this.#release();
  }

  /** Reads and discards everything from now on. */
  discard(): void {
    this.#isDiscarding = true;
    this.release();
  }

  /** Writes the next `bytes` bytes one at a time. */
  split(bytes: number): void {
    this.#single = bytes;
  }

  /** Forwards `left` more bytes, discards the rest and calls `then`. */
  cut(left: number, then: () => void): void {
    this.#cut = { left, then };
  }

  async #forward(): Promise<void> {
    try {
      // The default would destroy the socket at the end of what it reads, and with it what it still writes.
      const chunks = this.#from.iterator({ destroyOnReturn: false });
      for await (const chunk of chunks) await this.#pass(chunk as Buffer);
      await this.#released;
      if (!this.#isDiscarding) this.#to.end();
    } catch {
      // One of the two sockets was reset.
      if (!this.#isDiscarding) this.#to.destroy();
      // A paused socket would never report its end.
      this.#from.resume();
    }
  }

  async #pass(chunk: Buffer): Promise<void> {
    await this.#released;
    if (this.#isDiscarding) return;
    const cut = this.#cut;
    if (cut !== undefined && chunk.length >= cut.left) {
      this.#isDiscarding = true;
      this.#to.write(chunk.subarray(0, cut.left), () => cut.then());
      return;
    }
    if (cut !== undefined) cut.left -= chunk.length;
    const single = Math.min(this.#single, chunk.length);
    this.#single -= single;
    for (let at = 0; at < single; at++) {
      this.#to.write(chunk.subarray(at, at + 1));
      // Without this pause the reader would receive the bytes as one chunk.
      await nextTurn();
    }
    if (single < chunk.length) await this.#write(chunk.subarray(single));
  }

  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => this.#to.write(bytes, (error) => (error ? reject(error) : resolve())));
  }
}
