// SPDX-License-Identifier: Apache-2.0
import type { TransportHandler } from "@natswire/io";
import { host } from "./platform.ts";
import type { WebSocketLike } from "./socket.ts";

// A longer segment goes in several messages: servers and proxies do not take messages of any size.
const MESSAGE = 262_144;
// Above this many bytes a writer is asked to wait.
const HIGH_WATER = 65_536;
// Milliseconds between two looks; twice as many behind each that saw nothing go.
const SOONEST = 1;
const LATEST = 64;

/**
 * What a WebSocket was given and has not sent. It tells nobody when it did, so it is looked at: whenever something
 * comes or goes, and now and then for as long as something is left.
 */
export class Outflow {
  readonly #socket: WebSocketLike;
  readonly #on: TransportHandler;
  #left = 0;
  #isFull = false;
  #wait = SOONEST;
  #timer: unknown;

  constructor(socket: WebSocketLike, on: TransportHandler) {
    this.#socket = socket;
    this.#on = on;
  }

  /** Whether there is room for more. */
  send(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; at += MESSAGE) {
      this.#socket.send(bytes.subarray(at, at + MESSAGE) as Uint8Array<ArrayBuffer>);
    }
    this.#left += bytes.length;
    this.look();
    this.#lookLater();
    this.#isFull = this.#left > HIGH_WATER;
    return !this.#isFull;
  }

  /** Tells what is sent by now. */
  look(): void {
    if (this.#left === 0) return;
    // Some count what they put around the bytes as well, and then it is a little later.
    const gone = this.#left - this.#socket.bufferedAmount;
    if (gone <= 0) return;
    this.#left -= gone;
    this.#wait = SOONEST;
    this.#on.written(gone);
    if (!this.#isFull || this.#left > HIGH_WATER) return;
    this.#isFull = false;
    this.#on.ready();
  }

  /** Nobody wants to know any more. */
  stop(): void {
    this.#left = 0;
    host.clearTimeout(this.#timer);
  }

  // A timer that is there stays: one is enough for all that is sent before it rings.
  #lookLater(): void {
    if (this.#left === 0) return;
    this.#timer ??= host.setTimeout(() => {
      this.#timer = undefined;
      this.#wait = Math.min(2 * this.#wait, LATEST);
      this.look();
      this.#lookLater();
    }, this.#wait);
  }
}
