// SPDX-License-Identifier: Apache-2.0
import { createServer, type Socket } from "node:net";
import type { Listen, Transport, TransportHandler } from "@natswire/runtime";

// How long a peer may take to read the last bytes before its socket is destroyed.
const LINGER = 1000;

/**
 * Listens on a TCP port.
 *
 * @throws the socket's error, EADDRINUSE for instance
 */
export const listen: Listen = (at, accept) =>
  new Promise((resolve, reject) => {
    // A peer that has said all it wants to say may still be listening.
    const server = createServer({ noDelay: true, allowHalfOpen: false }, (socket) => serve(socket, accept));
    server.once("error", reject);
    server.listen(at.port, at.host, () => {
      server.off("error", reject);
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : at.port;
      const close = () => new Promise<void>((closed) => server.close(() => closed()));
      resolve({ port, close });
    });
  });

function serve(socket: Socket, accept: (transport: Transport) => TransportHandler): void {
  let handler: TransportHandler | undefined;
  let ending = false;
  let failure: Error | undefined;
  const transport: Transport = {
    write(bytes, more) {
      if (more) socket.cork();
      const ready = socket.write(bytes, () => handler?.written(bytes.length));
      if (!more) while (socket.writableCorked > 0) socket.uncork();
      return ready;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close(linger = LINGER) {
      if (ending) return;
      ending = true;
      // Input is read and thrown away meanwhile: bytes left unread would turn the close into a reset, and the peer
      // might lose the error that explains it.
      socket.end();
      socket.resume();
      // Not an idle timer: a peer that goes on talking would keep the socket for ever.
      const late = setTimeout(() => socket.destroy(), linger);
      socket.once("close", () => clearTimeout(late));
    },
    abort: () => void socket.destroy(),
  };
  handler = accept(transport);
  const { data, close, drain, open } = handler;
  socket.on("data", (buffer) => {
    // Each read has memory of its own; what is handed on is a plain view of it, never a Buffer.
    if (!ending) data(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length));
  });
  socket.on("drain", drain);
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", () => close(failure));
  open();
}
