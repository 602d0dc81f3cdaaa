// SPDX-License-Identifier: Apache-2.0
import { createServer, type Socket } from "node:net";
import type { Listen, ListenAddress, Listener } from "@natswire/io";
import { urlOf } from "@natswire/io/adapter";
import type { Handshakes } from "./handshakes.ts";
import { carry } from "./socket.ts";
import { type ServerTls, Upgrades } from "./tls.ts";

/** How to listen: in plain text where nothing is said. */
export interface ListenOptions {
  readonly tls?: ServerTls | undefined;
}

/**
 * Listens on a TCP port.
 *
 * @throws the socket's error, EADDRINUSE for instance
 */
export const listen: Listen = /* @__PURE__ */ listenWith({});

/**
 * Listens on a TCP port with TLS, for `serveWith` and as a further door of a server.
 *
 * @throws the socket's error, EADDRINUSE for instance, and where a key or a certificate is none
 */
export function listenWith({ tls }: ListenOptions): Listen {
  return async (at, accept) => {
    const upgrades = tls && new Upgrades(tls);
    const when = upgrades?.offer.when;
    const scheme = upgrades === undefined || when === "available" ? "nats" : "tls";
    return bind(scheme, at, [upgrades?.handshakes], (socket) => {
      if (when === "first") upgrades?.now(socket, (secure) => carry(secure, accept, upgrades)());
      else carry(socket, accept, upgrades)();
    });
  };
}

/** Listens on a TCP port for any protocol on it. */
export function bind(
  scheme: "nats" | "tls" | "ws" | "wss",
  { host, port: wanted }: ListenAddress,
  handshakes: readonly (Handshakes | undefined)[],
  accept: (socket: Socket) => void,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    // A peer that has said all it wants to say may still be listening.
    const server = createServer({ noDelay: true, allowHalfOpen: false }, accept);
    server.once("error", reject);
    server.listen(wanted, host, () => {
      server.off("error", reject);
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : wanted;
      const close = async (): Promise<void> => {
        for (const inFlight of handshakes) inFlight?.close();
        server.close();
      };
      resolve({ url: urlOf(scheme, { host, port }), port, close });
    });
  });
}
