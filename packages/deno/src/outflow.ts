// SPDX-License-Identifier: Apache-2.0
import type { TransportHandler } from "@natswire/io";
import type { Conn } from "./native.ts";

// Above this many bytes a writer is asked to wait.
const HIGH_WATER = 65_536;

/** What is to be written, one write at a time. */
export class Outflow {
  readonly #on: Pick<TransportHandler, "written" | "ready">;
  readonly #fail: (error: unknown) => void;
  #to: Conn | undefined;
  readonly #waiting: Uint8Array[] = [];
  #size = 0;
  #isFull = false;
  #isLast = false;
  #isOver = false;
  #writing: Promise<void> | undefined;

  constructor(on: Pick<TransportHandler, "written" | "ready">, fail: (error: unknown) => void) {
    this.#on = on;
    this.#fail = fail;
  }

  /** @returns false where whoever writes is asked to wait */
  push(bytes: Uint8Array, more: boolean): boolean {
    this.#waiting.push(bytes);
    this.#size += bytes.length;
    this.#isFull = this.#size > HIGH_WATER;
    if (!more) this.#flush();
    return !this.#isFull;
  }

  /** Writes to it, from what waits already to the last. */
  begin(to: Conn): void {
    this.#to = to;
    this.#flush();
  }

  /** Begins no other write until the next `begin`. */
  hold(): void {
    this.#to = undefined;
  }

  /** Tells the peer that it is all, when it is. */
  finish(): void {
    this.#isLast = true;
    this.#flush();
  }

  /** Tells nothing any more. */
  end(): void {
    this.#isOver = true;
  }

  /** When no write is under way. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  #flush(): void {
    if (this.#writing !== undefined || this.#to === undefined) return;
    if (this.#waiting.length === 0 && !this.#isLast) return;
    this.#writing = this.#write(this.#to).catch(this.#fail);
  }

  async #write(to: Conn): Promise<void> {
    while (this.#to === to && this.#waiting.length > 0) {
      for (let bytes = this.#waiting.shift() as Uint8Array; bytes.length > 0; ) {
        const done = await to.write(bytes);
        if (this.#isOver) return;
        bytes = bytes.subarray(done);
        this.#written(done);
      }
    }
    this.#writing = undefined;
    if (this.#isLast && this.#to === to) await to.closeWrite();
  }

  #written(bytes: number): void {
    this.#size -= bytes;
    this.#on.written(bytes);
    if (!this.#isFull || this.#size > HIGH_WATER) return;
    this.#isFull = false;
    this.#on.ready();
  }
}
