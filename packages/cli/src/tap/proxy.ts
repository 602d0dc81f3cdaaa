// SPDX-License-Identifier: Apache-2.0
import { connect, createServer, type Socket } from "node:net";
import type { ListenAddress } from "@natswire/io";
import { listenFailure } from "@natswire/io/adapter/server";
import type { Side } from "../frame-reader.ts";

/** Receives what passes through one proxied connection. */
export interface ProxyObserver {
  received(from: Side, chunk: Uint8Array): void;
  unreachable(error: Error): void;
  closed(): void;
}

/** A proxy that is listening. */
export interface Proxy {
  readonly port: number;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

// Without it, a client would wait minutes for a host that drops packets.
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Starts a TCP proxy that forwards bytes unchanged between clients and a server. It forwards backpressure, half-close and
 * reset as well.
 *
 * @param observe returns the observer of a new connection
 * @throws Error if the address cannot be listened on
 */
export function startProxy(
  address: ListenAddress,
  upstream: ListenAddress,
  observe: () => ProxyObserver,
): Promise<Proxy> {
  const open = new Set<Socket>();
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const observer = observe();
    const server = connect({ ...upstream, allowHalfOpen: true, noDelay: true, timeout: CONNECT_TIMEOUT_MS });
    let isConnected = false;
    server.once("connect", () => {
      isConnected = true;
      server.setTimeout(0);
    });
    server.once("timeout", () => server.destroy(new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1000} seconds`)));
    server.once("error", (error) => {
      if (!isConnected && !client.destroyed) observer.unreachable(error);
    });
    forward(client, server, (chunk) => observer.received("client", chunk));
    forward(server, client, (chunk) => observer.received("server", chunk));
    let openSides = 2;
    for (const socket of [client, server]) {
      open.add(socket);
      socket.once("close", () => {
        open.delete(socket);
        if (--openSides === 0) observer.closed();
      });
    }
  });
  return new Promise((resolve) => {
    listener.once("error", (error) => resolve(listenFailure(error, address)));
    listener.listen(address.port, address.host, () => {
      const bound = listener.address();
      const close = (): Promise<void> => {
        for (const socket of open) socket.destroy();
        return new Promise((closed) => listener.close(() => closed()));
      };
      resolve({ port: typeof bound === "object" && bound !== null ? bound.port : address.port, close });
    });
  });
}

/** Forwards one direction. A chunk is forwarded before it is observed. */
function forward(from: Socket, to: Socket, observe: (chunk: Uint8Array) => void): void {
  from.pipe(to);
  from.on("data", observe);
  from.on("error", () => {});
  from.once("close", (hadError) => {
    // After a regular end, the pipe ends the other socket itself, after the rest of the bytes.
    if (hadError || !from.readableEnded) to.resetAndDestroy();
  });
}
