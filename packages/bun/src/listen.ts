// SPDX-License-Identifier: Apache-2.0
import type { Listen } from "@natswire/io";
import { checkOptions, urlOf } from "@natswire/io/adapter";
import { type Handlers, native } from "./native.ts";
import { createTransport } from "./socket.ts";
import { type ServerTls, upgradeOf } from "./tls.ts";

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
 * @throws UsageError BAD_FIELD if an option is unknown, `tls` has no certificate or key, or `tls.when` is `available`, which Bun
 * cannot do
 * @throws the socket's error, for example EADDRINUSE, and an error if a key or a certificate is not valid
 */
export function listenWith(options: ListenOptions): Listen {
  checkOptions(options, ["tls"], "listenWith");
  const { tls } = options;
  return async ({ host, port }, accept) => {
    const upgrade = tls === undefined ? undefined : upgradeOf(tls);
    // Bun reports every connection of a listener to the same handlers.
    const socket: Handlers = {
      binaryType: "uint8array",
      open(connection) {
        const { remoteAddress: address, remotePort: port } = connection;
        const { handlers } = createTransport((transport) => accept(transport, { address, port }), upgrade);
        connection.data = handlers;
        handlers.open(connection);
      },
      data: (connection, chunk) => connection.data?.data(connection, chunk),
      drain: (connection) => connection.data?.drain(connection),
      close: (connection, error) => connection.data?.close(connection, error),
      error: (connection, error) => connection.data?.error(connection, error),
      handshake() {},
    };
    const listener = native().listen({ hostname: host, port, socket });
    return {
      url: urlOf(upgrade === undefined ? "nats" : "tls", { host, port: listener.port }),
      port: listener.port,
      async close() {
        for (const transport of upgrade?.handshakes ?? []) transport.abort();
        listener.stop();
      },
    };
  };
}
