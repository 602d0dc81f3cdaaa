// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

/** One direction of a connection. */
export class Way {
  readonly #from: Socket;
  readonly #to: Socket;
  #isHeld = false;
  #release: () => void = () => {};
  #released: Promise<void> = Promise.resolve();
  #isLost = false;
  // Bytes that still go one by one.
  #single = 0;
  #cut: { left: number; then(): void } | undefined;

  /** Carries until one end is gone; an end is carried as well. */
  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    void this.#carry();
  }

  /** Nothing is carried until `release`. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#released = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#isHeld = false;
    this.#release();
  }

  /** What comes from now on is read and goes nowhere. */
  lose(): void {
    this.#isLost = true;
    this.release();
  }

  /** So many bytes go one by one. */
  split(bytes: number): void {
    this.#single = bytes;
  }

  /** So many bytes more are carried. */
  cut(left: number, then: () => void): void {
    this.#cut = { left, then };
  }

  async #carry(): Promise<void> {
    try {
      // Or the end of what is read would be the end of what is written.
      const chunks = this.#from.iterator({ destroyOnReturn: false });
      for await (const chunk of chunks) await this.#pass(chunk as Buffer);
      await this.#released;
      if (!this.#isLost) this.#to.end();
    } catch {
      // One of the two was reset.
      if (!this.#isLost) this.#to.destroy();
      // Or its end would never be seen.
      this.#from.resume();
    }
  }

  async #pass(chunk: Buffer): Promise<void> {
    await this.#released;
    if (this.#isLost) return;
    const cut = this.#cut;
    if (cut !== undefined && chunk.length >= cut.left) {
      this.#isLost = true;
      this.#to.write(chunk.subarray(0, cut.left), () => cut.then());
      return;
    }
    if (cut !== undefined) cut.left -= chunk.length;
    const single = Math.min(this.#single, chunk.length);
    this.#single -= single;
    for (let at = 0; at < single; at++) {
      this.#to.write(chunk.subarray(at, at + 1));
      // Or whoever reads would find them together.
      await turn();
    }
    if (single < chunk.length) await this.#write(chunk.subarray(single));
  }

  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => this.#to.write(bytes, (error) => (error ? reject(error) : resolve())));
  }
}
