// SPDX-License-Identifier: Apache-2.0
import { HIGH_WATER, realClock } from "@natswire/io/adapter";
import type { TransportHandler } from "@natswire/io/client";
import type { WebSocketLike } from "./socket.ts";

// Bytes of one WebSocket message: servers and proxies limit its size, so a longer segment is sent in several.
const MESSAGE = 262_144;
// Milliseconds between two checks; doubled after each that finds nothing sent.
const SHORTEST = 1;
const LONGEST = 64;

/**
 * Sends bytes, and reports when they are sent. A WebSocket does not report that, so `bufferedAmount` is checked whenever
 * something is sent or received, and by a timer as long as something is unsent. If the WebSocket does not count its unsent
 * bytes, they count as sent after `send` has returned.
 */
export class SendMonitor {
  readonly #socket: WebSocketLike;
  readonly #on: TransportHandler;
  #unsent = 0;
  #isFull = false;
  #interval = SHORTEST;
  #cancel: (() => void) | undefined;

  constructor(socket: WebSocketLike, on: TransportHandler) {
    this.#socket = socket;
    this.#on = on;
  }

  /** Sends a segment. Returns false if more than 64 KiB are unsent. */
  send(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; at += MESSAGE) {
      this.#socket.send(bytes.subarray(at, at + MESSAGE) as Uint8Array<ArrayBuffer>);
    }
    this.#unsent += bytes.length;
    this.check();
    this.#checkLater();
    this.#isFull = this.#unsent > HIGH_WATER;
    return !this.#isFull;
  }

  /** Reports what has been sent by now. */
  check(): void {
    if (this.#unsent === 0) return;
    // Some WebSockets count their framing as well: what is sent is then reported a little later.
    const sent = this.#unsent - this.#buffered();
    if (sent <= 0) return;
    this.#unsent -= sent;
    this.#interval = SHORTEST;
    this.#on.written(sent);
    if (!this.#isFull || this.#unsent > HIGH_WATER) return;
    this.#isFull = false;
    this.#on.ready();
  }

  /** Stops checking: the connection has ended. */
  stop(): void {
    this.#unsent = 0;
    this.#cancel?.();
  }

  /** Returns the bytes that are unsent; 0 if the WebSocket does not count them, as in React Native and in Workers. */
  #buffered(): number {
    return Math.max(0, this.#socket.bufferedAmount || 0);
  }

  // One timer at a time, for everything that is sent before it fires.
  #checkLater(): void {
    if (this.#unsent === 0) return;
    this.#cancel ??= realClock.after(this.#interval, () => {
      this.#cancel = undefined;
      this.#interval = Math.min(2 * this.#interval, LONGEST);
      this.check();
      this.#checkLater();
    });
  }
}
