// SPDX-License-Identifier: Apache-2.0
import type { TransportHandler } from "@natswire/io";
import { HIGH_WATER, Queue } from "@natswire/io/adapter";
import type { Conn } from "./native.ts";

/** Writes segments to a connection, one write at a time. */
export class WriteQueue {
  readonly #on: Pick<TransportHandler, "written" | "ready">;
  readonly #fail: (error: unknown) => void;
  readonly #segments = new Queue<Uint8Array>();
  #state: "open" | "finishing" | "closed" = "open";
  // What is written to; undefined before there is a connection and during a TLS handshake.
  #conn: Conn | undefined;
  #unsent = 0;
  #isFull = false;
  #writing: Promise<void> | undefined;

  constructor(on: Pick<TransportHandler, "written" | "ready">, fail: (error: unknown) => void) {
    this.#on = on;
    this.#fail = fail;
  }

  /** Adds a segment. Returns false if more than 64 KiB wait. */
  push(bytes: Uint8Array, more: boolean): boolean {
    this.#segments.push(bytes);
    this.#unsent += bytes.length;
    this.#isFull = this.#unsent > HIGH_WATER;
    if (!more) this.#flush();
    return !this.#isFull;
  }

  /** Writes to this connection, beginning with what waits. */
  start(conn: Conn): void {
    this.#conn = conn;
    this.#flush();
  }

  /** Starts no further write until `start`. */
  stop(): void {
    this.#conn = undefined;
  }

  /** Ends the connection's writable half after what waits. */
  finish(): void {
    this.#state = "finishing";
    this.#flush();
  }

  /** Stops reporting: the connection has ended. */
  end(): void {
    this.#state = "closed";
  }

  /** Resolves after the current write. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  #flush(): void {
    if (this.#writing !== undefined || this.#conn === undefined) return;
    if (this.#segments.size === 0 && this.#state !== "finishing") return;
    this.#writing = this.#write(this.#conn).catch(this.#fail);
  }

  async #write(conn: Conn): Promise<void> {
    while (this.#conn === conn && this.#segments.size > 0) {
      for (let bytes = this.#segments.shift() as Uint8Array; bytes.length > 0; ) {
        const count = await conn.write(bytes);
        if (this.#state === "closed") return;
        bytes = bytes.subarray(count);
        this.#written(count);
      }
    }
    this.#writing = undefined;
    if (this.#state === "finishing" && this.#conn === conn) await conn.closeWrite();
  }

  #written(bytes: number): void {
    this.#unsent -= bytes;
    this.#on.written(bytes);
    if (!this.#isFull || this.#unsent > HIGH_WATER) return;
    this.#isFull = false;
    this.#on.ready();
  }
}
