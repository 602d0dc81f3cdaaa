// SPDX-License-Identifier: Apache-2.0
import { connect, createServer, type Socket } from "node:net";
import type { ListenAddress } from "@natswire/io";
import type { Side } from "./ear.ts";

/** Who sees what passes, and changes nothing of it. */
export interface Witness {
  heard(from: Side, chunk: Uint8Array): void;
  unreachable(error: Error): void;
  closed(): void;
}

/** A proxy that listens. */
export interface Proxy {
  readonly port: number;
  /** Cuts off every connection and listens no more. */
  close(): Promise<void>;
}

// A host that swallows what is sent to it would keep a client waiting for minutes.
const PATIENCE = 10_000;

/**
 * Passes bytes on, exactly as they come, between whoever connects and a server. A side that reads slowly slows the other
 * one down; a half that ends and a connection that is reset are passed on as such.
 *
 * @throws the socket's error, EADDRINUSE for instance
 */
export function proxy(at: ListenAddress, upstream: ListenAddress, witness: () => Witness): Promise<Proxy> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const watch = witness();
    const behind = connect({ ...upstream, allowHalfOpen: true, noDelay: true, timeout: PATIENCE });
    let isReached = false;
    behind.once("connect", () => {
      isReached = true;
      behind.setTimeout(0);
    });
    behind.once("timeout", () => behind.destroy(new Error(`no answer within ${PATIENCE / 1000} seconds`)));
    behind.once("error", (error) => {
      if (!isReached && !client.destroyed) watch.unreachable(error);
    });
    carry(client, behind, (chunk) => watch.heard("client", chunk));
    carry(behind, client, (chunk) => watch.heard("server", chunk));
    let left = 2;
    for (const socket of [client, behind]) {
      open.add(socket);
      socket.once("close", () => {
        open.delete(socket);
        if (--left === 0) watch.closed();
      });
    }
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, () => {
      const address = server.address();
      const close = (): Promise<void> => {
        for (const socket of open) socket.destroy();
        return new Promise((closed) => server.close(() => closed()));
      };
      resolve({ port: typeof address === "object" && address !== null ? address.port : at.port, close });
    });
  });
}

/** One direction. What was read is passed on before anybody looks at it. */
function carry(from: Socket, to: Socket, heard: (chunk: Uint8Array) => void): void {
  from.pipe(to);
  from.on("data", heard);
  from.on("error", () => {});
  from.once("close", (isBroken) => {
    // One that closed otherwise has said its end, which the pipe passes on behind the rest of its bytes.
    if (isBroken || !from.readableEnded) to.resetAndDestroy();
  });
}
