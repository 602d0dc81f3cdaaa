// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import type { Transport, TransportHandler } from "@natswire/io";
import { DEFAULT_GRACE_MS, realClock } from "@natswire/io/adapter";

/** What is done with a connection. */
export type Accept = (transport: Transport) => TransportHandler;

/** How a socket comes to speak TLS: `then` is given what is read and written from then on. */
export interface Upgrade {
  readonly offer?: Transport["tls"];
  behind(socket: Socket, then: (socket: Socket) => void, fail: (error: Error) => void): void;
}

/**
 * Carries a socket's bytes.
 *
 * @returns says that it is open
 */
export function carry(socket: Socket, accept: Accept, upgrade?: Upgrade): () => void {
  // What is read, and what is written to: none while they agree on TLS.
  let input: Socket | undefined;
  let output: Socket | undefined = socket;
  const waiting: (readonly [bytes: Uint8Array, more: boolean])[] = [];
  let isPaused = false;
  let ending = false;
  let failure: Error | undefined;

  const transport: Transport = {
    tls: upgrade?.offer,
    write(bytes, more) {
      if (output === undefined) return waiting.push([bytes, more]) === 0;
      if (more) output.cork();
      const ready = output.write(bytes, () => written(bytes.length));
      if (!more) while (output.writableCorked > 0) output.uncork();
      return ready;
    },
    startTls() {
      output = undefined;
      input?.off("data", hear);
      try {
        upgrade?.behind(socket, read, fail);
      } catch (error) {
        // A certificate or a key is none.
        fail(error as Error);
      }
    },
    pause() {
      isPaused = true;
      input?.pause();
    },
    resume() {
      isPaused = false;
      input?.resume();
    },
    close(linger = DEFAULT_GRACE_MS) {
      if (ending) return;
      ending = true;
      // Whoever waits for TLS expects no words.
      if (output === undefined) return void socket.destroy();
      // Input is read and thrown away meanwhile: bytes left unread would turn the close into a reset, and the peer
      // might lose the error that explains it.
      output.end();
      output.resume();
      // Not an idle timer: a peer that goes on talking would keep the socket for ever.
      socket.once(
        "close",
        realClock.after(linger, () => socket.destroy()),
      );
    },
    abort: () => void socket.destroy(),
  };
  const { data, close, ready, open, written } = accept(transport);

  function read(from: Socket): void {
    input = output = from;
    // Or a listener would set it flowing.
    from.pause();
    from.on("data", hear);
    from.on("drain", ready);
    if (from !== socket) from.on("error", fail);
    if (!isPaused) from.resume();
    for (const [bytes, more] of waiting.splice(0)) transport.write(bytes, more);
  }

  function hear(buffer: Uint8Array): void {
    // Each read has memory of its own; what is handed on is a plain view of it, never a Buffer.
    if (!ending) data(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length));
  }

  function fail(error: Error): void {
    failure = error;
    // Node leaves a socket open whose TLS is broken.
    socket.destroy();
  }

  socket.on("error", fail);
  socket.on("close", () => close(failure));
  if (upgrade?.offer === undefined || upgrade.offer.when === "first") read(socket);
  return open;
}
