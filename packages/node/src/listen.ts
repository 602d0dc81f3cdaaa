// SPDX-License-Identifier: Apache-2.0
import { createServer, type Socket } from "node:net";
import type { AcceptConnection, Listen, ListenAddress, Listener, Transport, TransportHandler } from "@natswire/io";
import { checkOptions, urlOf } from "@natswire/io/adapter";
import type { Handshakes } from "./handshakes.ts";
import { createTransport } from "./socket.ts";
import { type ServerTls, Upgrades } from "./tls.ts";
import { checkServerTls } from "./tls-options.ts";

/** Options of a listener: plain text without `tls`. */
export interface ListenOptions {
  readonly tls?: ServerTls | undefined;
}

/**
 * Listens on a TCP port in plain text.
 *
 * @throws the socket's error, for example EADDRINUSE
 */
export const listen: Listen = /* @__PURE__ */ listenWith({});

/**
 * Returns a `Listen` for a TCP port, for `serveWith` and `server.listen`.
 *
 * @throws UsageError BAD_FIELD if an option is unknown, or `tls` has no certificate with its key
 * @throws the socket's error, for example EADDRINUSE, and Node's error if a key or a certificate is not valid
 */
export function listenWith(options: ListenOptions): Listen {
  checkOptions(options, ["tls"], "listenWith");
  const { tls } = options;
  checkServerTls(tls);
  return async (address, accept) => {
    const upgrades = tls && new Upgrades(tls);
    const when = upgrades?.offer.when;
    const scheme = upgrades === undefined || when === "available" ? "nats" : "tls";
    const open = (socket: Socket): void =>
      createTransport(socket, from(socket, accept, upgrades), { upgrade: upgrades }).open();
    return bind(scheme, address, [upgrades?.handshakes], (socket) => {
      if (when === "first") upgrades?.now(socket, (secure) => open(secure));
      else open(socket);
    });
  };
}

/** Returns `accept` with the origin of a socket's client. */
export function from(
  socket: Socket,
  accept: AcceptConnection,
  upgrades: Upgrades | undefined,
): (transport: Transport) => TransportHandler {
  const { remoteAddress: address, remotePort: port } = socket;
  return (transport) =>
    accept(transport, {
      address,
      port,
      get certificate() {
        return upgrades?.certificateOf(socket);
      },
    });
}

// Connections that may wait to be accepted. The system's own limit is lower: 4,096 in Linux. Node's is 511.
const BACKLOG = 65_535;

/** Listens on a TCP port, for any protocol on it. */
export function bind(
  scheme: "nats" | "tls" | "ws" | "wss",
  { host, port: wanted }: ListenAddress,
  handshakes: readonly (Handshakes | undefined)[],
  accept: (socket: Socket) => void,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, allowHalfOpen: false }, accept);
    server.once("error", reject);
    server.listen({ port: wanted, host, backlog: BACKLOG }, () => {
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
