// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import type { Transport, TransportHandler } from "@natswire/io";
import { DEFAULT_GRACE_MS, HIGH_WATER, realClock } from "@natswire/io/adapter";

/** Returns the handler of a new connection. */
export type Accept = (transport: Transport) => TransportHandler;

/** How a socket is upgraded to TLS: `then` gets the stream to read and write from then on. */
export interface Upgrade {
  readonly offer?: Transport["tls"];
  start(socket: Socket, then: (stream: Socket) => void, fail: (error: Error) => void): void;
}

/** How a transport is made of a socket. */
export interface TransportOptions {
  readonly upgrade?: Upgrade | undefined;
  /** Whether the socket passes what it reads to `onData` itself, in place of "data" events. */
  readonly hasOnread?: boolean;
}

/** A transport, and what its socket reports. */
export interface SocketTransport {
  readonly transport: Transport;
  /** Reports that the socket is connected. */
  open(): void;
  /** Reports what was read; its memory is given away. */
  onData(chunk: Uint8Array): void;
}

/** Returns the transport of a socket. */
export function createTransport(
  socket: Socket,
  accept: Accept,
  { upgrade, hasOnread = false }: TransportOptions = {},
): SocketTransport {
  // Unread: only written, as a client must not send before TLS. Handshake: neither read nor written.
  let state: "unread" | "open" | "handshake" | "closing" = "unread";
  // What is read and written: the socket, or TLS on top of it.
  let stream = socket;
  const writtenInHandshake: (readonly [bytes: Uint8Array, more: boolean])[] = [];
  let isPaused = false;
  let failure: Error | undefined;

  const transport: Transport = {
    tls: upgrade?.offer,
    write(bytes, more) {
      if (state === "closing") return true;
      if (state === "handshake") return writtenInHandshake.push([bytes, more]) > 0;
      if (more) stream.cork();
      stream.write(bytes, () => written(bytes.length));
      if (!more) while (stream.writableCorked > 0) stream.uncork();
      // What the system did not take at once.
      return stream.writableLength <= HIGH_WATER;
    },
    startTls() {
      state = "handshake";
      socket.off("data", onData);
      try {
        upgrade?.start(socket, read, fail);
      } catch (error) {
        // A certificate or a key is not valid.
        fail(error as Error);
      }
    },
    pause() {
      isPaused = true;
      if (state === "open") stream.pause();
    },
    resume() {
      isPaused = false;
      if (state === "open") stream.resume();
    },
    close(grace = DEFAULT_GRACE_MS) {
      if (state === "closing") return;
      // A peer that waits for TLS expects no plain text.
      if (state === "handshake") socket.destroy();
      else {
        // Input is read and discarded: bytes left unread would turn the close into a reset, and the peer might lose
        // the error that explains it.
        stream.end();
        stream.resume();
        // Not an idle timer: a peer that keeps sending would keep the socket open.
        socket.once(
          "close",
          realClock.after(grace, () => socket.destroy()),
        );
      }
      state = "closing";
    },
    abort() {
      state = "closing";
      socket.destroy();
    },
  };
  const { data, close, ready, open, written, secure } = accept(transport);

  function read(from: Socket): void {
    stream = from;
    state = "open";
    // A "data" listener would set it flowing.
    stream.pause();
    if (stream !== socket || !hasOnread) stream.on("data", onData);
    stream.on("drain", ready);
    if (stream !== socket) stream.on("error", fail);
    if (!isPaused) stream.resume();
    for (const [bytes, more] of writtenInHandshake.splice(0)) transport.write(bytes, more);
    if (stream !== socket) secure?.();
  }

  function onData(chunk: Uint8Array): void {
    // Each read has memory of its own; the handler gets a plain view of it, not a Buffer.
    if (state === "open") data(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
  }

  function fail(error: Error): void {
    failure = error;
    // Node leaves a socket open whose TLS failed.
    socket.destroy();
  }

  socket.on("error", fail);
  socket.on("close", () => {
    state = "closing";
    close(failure);
  });
  if (upgrade?.offer === undefined || upgrade.offer.when === "first") read(socket);
  return { transport, open, onData };
}
