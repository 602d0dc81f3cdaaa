// SPDX-License-Identifier: Apache-2.0
import type { Endpoint } from "@natswire/session";
import { realClock } from "../clock.ts";
import { asError } from "../connection-error.ts";
import { timers } from "../platform.ts";
import { DEFAULT_GRACE_MS, type Dial, HIGH_WATER, type Transport, type TransportHandler } from "./transport.ts";

/** A connection as web streams: a socket of Cloudflare Workers, a WebSocketStream, a stream of WebTransport, a Duplex.toWeb(). */
export interface ByteStreams {
  readonly readable: {
    getReader(): {
      read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
      cancel(): Promise<unknown>;
    };
  };
  readonly writable: {
    getWriter(): {
      write(bytes: Uint8Array<ArrayBuffer>): Promise<unknown>;
      close(): Promise<unknown>;
      abort(): Promise<unknown>;
    };
  };
  /** Closes what outlives the streams. Called after the connection has ended; its errors are ignored. */
  close?(): unknown;
}

type StreamReader = ReturnType<ByteStreams["readable"]["getReader"]>;
type StreamWriter = ReturnType<ByteStreams["writable"]["getWriter"]>;

/**
 * Returns a `Dial` for anything that opens a pair of byte streams.
 *
 * Streams cannot be upgraded to TLS. If the scheme is `wss` or `tls-first` (`tls://` with `handshakeFirst`), `open` must return
 * streams that are secure from the first byte; a server that asks for TLS later is left.
 *
 * @param open opens the streams, and resolves after they are connected (`await socket.opened` in Workers); what it throws or
 * rejects with becomes the reason that the connection failed
 * @example
 * ```js
 * import { connect as connectTcp } from "node:net";
 * import { once } from "node:events";
 * import { Duplex } from "node:stream";
 * import { connectWith, streamDial } from "@natswire/io";
 * import { serve } from "@natswire/node";
 *
 * const dial = streamDial(async ({ host, port }) => {
 *   const socket = connectTcp(port, host);
 *   await once(socket, "connect");
 *   return Duplex.toWeb(socket);
 * });
 * const server = await serve();
 * const client = await connectWith(dial, server.url);
 * console.log(client.info?.port === server.port); // true
 * await client.close();
 * await server.close();
 * ```
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
  // `open` includes opening. In `closing`, after `close` or `abort`, nothing more is written and no data is reported.
  #state: "open" | "closing" | "closed" = "open";
  #streams: ByteStreams | undefined;
  #reader: StreamReader | undefined;
  #writer: StreamWriter | undefined;
  #unsent = 0;
  #isFull = false;
  #isPaused = false;
  #continueReading: () => void = () => {};
  #cancelGrace: () => void = () => {};

  constructor(on: TransportHandler) {
    this.#on = on;
  }

  async run(open: () => Promise<ByteStreams>): Promise<void> {
    try {
      this.#streams = await open();
      this.#reader = this.#streams.readable.getReader();
      this.#writer = this.#streams.writable.getWriter();
      if (this.#state !== "open") return this.#release();
      this.#on.open();
      await this.#read(this.#reader);
      this.#end();
    } catch (error) {
      this.#end(error);
    }
  }

  /** Writes a copy: the stream may keep what it is given, or detach it. Not called before `open`. */
  write(bytes: Uint8Array): boolean {
    if (this.#state !== "open") return true;
    this.#unsent += bytes.length;
    this.#isFull = this.#unsent > HIGH_WATER;
    this.#writer?.write(new Uint8Array(bytes)).then(
      () => this.#written(bytes.length),
      (error) => this.#end(error),
    );
    return !this.#isFull;
  }

  startTls(): void {
    timers.queueMicrotask(() => this.#end(new Error("streams cannot be upgraded to TLS; open secure ones")));
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#continueReading();
  }

  close(grace: number = DEFAULT_GRACE_MS): void {
    if (this.#state !== "open") return;
    if (this.#writer === undefined) return this.abort();
    this.#state = "closing";
    this.resume();
    this.#cancelGrace = realClock.after(grace, () => this.abort());
    this.#writer.close().catch((error) => this.#end(error));
  }

  abort(): void {
    if (this.#state === "open") this.#state = "closing";
    timers.queueMicrotask(() => this.#end());
  }

  async #read(reader: StreamReader): Promise<void> {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      while (this.#isPaused && this.#state !== "closed") {
        await new Promise<void>((resolve) => {
          this.#continueReading = resolve;
        });
      }
      if (this.#state === "open") this.#on.data(bytesOf(value));
    }
  }

  #written(bytes: number): void {
    if (this.#state === "closed") return;
    this.#unsent -= bytes;
    this.#on.written(bytes);
    if (!this.#isFull || this.#unsent > HIGH_WATER) return;
    this.#isFull = false;
    this.#on.ready();
  }

  #end(error?: unknown): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#cancelGrace();
    this.#continueReading();
    void this.#release();
    this.#on.close(error === undefined ? undefined : asError(error));
  }

  async #release(): Promise<void> {
    try {
      await Promise.allSettled([this.#reader?.cancel(), this.#writer?.abort(), this.#streams?.close?.()]);
    } catch {
      // The connection has ended, whatever this says.
    }
  }
}

/** Returns a plain view of whatever kind of bytes it is. */
function bytesOf(chunk: unknown): Uint8Array {
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new Error(`the stream must give bytes, not a ${typeof chunk}`);
}
