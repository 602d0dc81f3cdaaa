// SPDX-License-Identifier: Apache-2.0
import type { Endpoint } from "@natswire/session";
import { realClock } from "../clock.ts";
import { asError } from "../connection-error.ts";
import { host } from "../platform.ts";
import { DEFAULT_GRACE_MS, type Dial, type Transport, type TransportHandler } from "./transport.ts";

/** A connection as web streams: a socket of Cloudflare Workers, a WebSocketStream's or a WebTransport's stream, a Duplex.toWeb(). */
export interface ByteStreams {
  readonly readable: { getReader(): StreamReader };
  readonly writable: { getWriter(): StreamWriter };
  /** Called when it is over, for what is not over with its streams; what it throws or rejects with is not looked at. */
  close?(): unknown;
}

interface StreamReader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  cancel(): Promise<unknown>;
}

interface StreamWriter {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<unknown>;
  close(): Promise<unknown>;
  abort(): Promise<unknown>;
}

// Above this many bytes a writer is asked to wait.
const HIGH_WATER = 65_536;

/**
 * Dials by whatever opens a pair of streams: `connectWith(streamDial((to) => open(to.host, to.port)), { servers })`.
 *
 * There is no upgrade to TLS: `open` makes a connection that is secure from its first byte where the scheme is `wss` or
 * `tls-first` (`tls://` with `handshakeFirst`), and a server that asks for one later is left.
 *
 * @param open gives the streams when the connection is there (`await socket.opened` in Workers); what it throws, or rejects with, says why the connection did not come to be
 */
export function streamDial(open: (to: Endpoint) => ByteStreams | Promise<ByteStreams>): Dial {
  return (to, on) => {
    const transport = new StreamTransport(on);
    void transport.run(async () => open(to));
    return transport;
  };
}

class StreamTransport implements Transport {
  readonly #on: TransportHandler;
  #streams: ByteStreams | undefined;
  #reader: StreamReader | undefined;
  #writer: StreamWriter | undefined;
  #left = 0;
  #isFull = false;
  #isPaused = false;
  #readOn: () => void = () => {};
  // Nothing is heard or written any more.
  #isEnding = false;
  #isOver = false;
  #late: () => void = () => {};

  constructor(on: TransportHandler) {
    this.#on = on;
  }

  async run(open: () => Promise<ByteStreams>): Promise<void> {
    try {
      this.#streams = await open();
      this.#reader = this.#streams.readable.getReader();
      this.#writer = this.#streams.writable.getWriter();
      if (this.#isEnding) return this.#leave();
      this.#on.open();
      await this.#read(this.#reader);
      this.#end();
    } catch (error) {
      this.#end(error);
    }
  }

  /** The stream may keep what it was given, or take the memory away: it gets a copy. Nobody writes before it is open. */
  write(bytes: Uint8Array): boolean {
    if (this.#isEnding) return true;
    this.#left += bytes.length;
    this.#isFull = this.#left > HIGH_WATER;
    this.#writer?.write(new Uint8Array(bytes)).then(
      () => this.#written(bytes.length),
      (error) => this.#end(error),
    );
    return !this.#isFull;
  }

  startTls(): void {
    host.queueMicrotask(() => this.#end(new Error("streams do not go on in TLS: open them secure")));
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#readOn();
  }

  close(linger: number = DEFAULT_GRACE_MS): void {
    if (this.#isEnding) return;
    if (this.#writer === undefined) return this.abort();
    this.#isEnding = true;
    this.resume();
    this.#late = realClock.after(linger, () => this.abort());
    this.#writer.close().catch((error) => this.#end(error));
  }

  abort(): void {
    this.#isEnding = true;
    host.queueMicrotask(() => this.#end());
  }

  async #read(reader: StreamReader): Promise<void> {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      while (this.#isPaused && !this.#isOver) {
        await new Promise<void>((resolve) => {
          this.#readOn = resolve;
        });
      }
      if (!this.#isEnding) this.#on.data(bytesOf(value));
    }
  }

  #written(bytes: number): void {
    if (this.#isOver) return;
    this.#left -= bytes;
    this.#on.written(bytes);
    if (!this.#isFull || this.#left > HIGH_WATER) return;
    this.#isFull = false;
    this.#on.ready();
  }

  #end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = this.#isEnding = true;
    this.#late();
    this.#readOn();
    void this.#leave();
    this.#on.close(error === undefined ? undefined : asError(error));
  }

  async #leave(): Promise<void> {
    try {
      await Promise.allSettled([this.#reader?.cancel(), this.#writer?.abort(), this.#streams?.close?.()]);
    } catch {
      // It is over, whatever that says.
    }
  }
}

/** A plain view, whatever kind of bytes it is. */
function bytesOf(chunk: unknown): Uint8Array {
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new Error(`a stream of bytes gave ${typeof chunk === "string" ? "text" : typeof chunk}`);
}
