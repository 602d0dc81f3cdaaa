// SPDX-License-Identifier: Apache-2.0
import { Duplex } from "node:stream";
import type { Transport, TransportHandler } from "@natswire/io";

// Milliseconds for a slow reader to take the last bytes.
const GRACE_MS = 10_000;

/** A transport as a stream of Node: what is written before it is open waits. */
export class TransportStream extends Duplex {
  /** Receives what the transport reports. */
  readonly handler: TransportHandler = {
    open: () => {
      this.#isOpen = true;
      this.#whenOpen();
      this.emit("connect");
    },
    data: (chunk) => {
      if (!this.push(chunk)) this.#transport?.pause();
    },
    written() {},
    ready: () => this.#continueWriting(),
    close: (error) => {
      if (error !== undefined) return void this.destroy(error);
      this.push(null);
      // A closed transport takes the rest and drops it.
      this.#continueWriting();
    },
  };
  #transport: Transport | undefined;
  #isOpen = false;
  #whenOpen: () => void = () => {};
  #whenReady: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: false });
  }

  /** Sets the transport, before it is open. */
  use(transport: Transport): void {
    this.#transport = transport;
  }

  /** Whether a client starts TLS after INFO. */
  get startsTls(): boolean {
    return this.#transport?.tls?.when === "required";
  }

  /** Waits for the client to start TLS, after what was written. */
  startTls(): void {
    this.#transport?.startTls?.();
  }

  override _read(): void {
    this.#transport?.resume();
  }

  override _write(chunk: Uint8Array, encoding: BufferEncoding, callback: () => void): void {
    if (!this.#isOpen) this.#whenOpen = () => this._write(chunk, encoding, callback);
    else if (this.#transport?.write(chunk, false) === false) this.#whenReady = callback;
    else callback();
  }

  override _final(callback: () => void): void {
    this.#transport?.close(GRACE_MS);
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#transport?.abort();
    callback(error);
  }

  #continueWriting(): void {
    const callback = this.#whenReady;
    this.#whenReady = undefined;
    callback?.();
  }
}
