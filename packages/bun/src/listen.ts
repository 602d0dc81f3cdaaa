// SPDX-License-Identifier: Apache-2.0
import type { Listen, ListenAddress } from "@natswire/io";
import { checkOptions, urlOf } from "@natswire/io/adapter";
import { listenFailure } from "@natswire/io/adapter/server";
import { type Handlers, type Native, native } from "./native.ts";
import { createTransport } from "./socket.ts";
import { type ServerTls, upgradeOf } from "./tls.ts";

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
 * @throws UsageError BAD_FIELD if an option is unknown, `tls` has no certificate or key, or `tls.when` is `available`, which Bun
 * cannot do
 * @throws Error with the `code` of the socket's error, for example EADDRINUSE, which is its `cause`
 */
export function listenWith(options: ListenOptions): Listen {
  checkOptions(options, ["tls"], "listenWith");
  const { tls } = options;
  return async ({ host, port }, accept) => {
    const upgrade = tls && (await upgradeOf(tls));
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
    const listener = await open({ host, port }, socket);
    return {
      url: urlOf(upgrade === undefined ? "nats" : "tls", { host, port: listener.port }),
      port: listener.port,
      async close() {
        for (const end of upgrade?.handshakes ?? []) end(new Error("the server stopped listening"));
        listener.stop();
      },
    };
  };
}

async function open(at: ListenAddress, socket: Handlers): Promise<ReturnType<Native["listen"]>> {
  try {
    return native().listen({ hostname: at.host, port: at.port, socket });
  } catch (error) {
    return listenFailure(error, at);
  }
}
