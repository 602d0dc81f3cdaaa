// SPDX-License-Identifier: Apache-2.0
import { createServer, type Socket } from "node:net";
import type { AcceptConnection, Listen, ListenAddress, Listener, Transport, TransportHandler } from "@natswire/io";
import { checkOptions, urlOf } from "@natswire/io/adapter";
import { listenFailure, reportHandshake } from "@natswire/io/adapter/server";
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
 * @throws Error with the `code` of the socket's error, for example EADDRINUSE, which is its `cause`
 */
export const listen: Listen = /* @__PURE__ */ listenWith({});

/**
 * Returns a `Listen` for a TCP port, for `serveWith` and `server.listen`.
 *
 * @throws UsageError BAD_FIELD if an option is unknown, or `tls` has no certificate with its key. The `Listen` throws it if one
 * of them is not valid, with Node's error as `cause`
 * @throws Error with the `code` of the socket's error, for example EADDRINUSE, which is its `cause`
 */
export function listenWith(options: ListenOptions): Listen {
  checkOptions(options, ["tls"], "listenWith");
  const { tls } = options;
  checkServerTls(tls);
  return async (address, accept) => {
    const upgrades = tls && (await Upgrades.create(tls));
    const when = upgrades?.offer.when;
    const scheme = upgrades === undefined || when === "available" ? "nats" : "tls";
    return bind(scheme, address, [upgrades?.handshakes], (socket) => {
      const acceptFrom = from(socket, accept, upgrades);
      const open = (socket: Socket): void => createTransport(socket, acceptFrom, { upgrade: upgrades }).open();
      if (when === "first") upgrades?.now(socket, open, (cause) => reportHandshake(acceptFrom, cause));
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
  at: ListenAddress,
  handshakes: readonly (Handshakes | undefined)[],
  accept: (socket: Socket) => void,
): Promise<Listener> {
  const { host, port: wanted } = at;
  return new Promise((resolve) => {
    const server = createServer({ noDelay: true, allowHalfOpen: false }, accept);
    const fail = (error: Error): void => resolve(listenFailure(error, at));
    server.once("error", fail);
    server.listen({ port: wanted, host, backlog: BACKLOG }, () => {
      server.off("error", fail);
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
