// SPDX-License-Identifier: Apache-2.0
import type { Listen } from "@natswire/io";
import { urlOf } from "@natswire/io/adapter";
import { type Handlers, native } from "./native.ts";
import { carry } from "./socket.ts";
import { type ServerTls, upgradeOf } from "./tls.ts";

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
 * @throws the socket's error, EADDRINUSE for instance, where a key or a certificate is none, and where TLS should be
 * `available`, which Bun cannot do
 */
export function listenWith({ tls }: ListenOptions): Listen {
  return async ({ host, port }, accept) => {
    const upgrade = tls && upgradeOf(tls);
    // Bun tells all of a listener's connections by the same handlers.
    const socket: Handlers = {
      binaryType: "uint8array",
      open(one) {
        const [, handlers] = carry(accept, upgrade);
        one.data = handlers;
        handlers.open(one);
      },
      data: (one, chunk) => one.data?.data(one, chunk),
      drain: (one) => one.data?.drain(one),
      close: (one, error) => one.data?.close(one, error),
      error: (one, error) => one.data?.error(one, error),
      handshake() {},
    };
    const listener = native().listen({ hostname: host, port, socket });
    return {
      url: urlOf(upgrade === undefined ? "nats" : "tls", { host, port: listener.port }),
      port: listener.port,
      async close() {
        for (const transport of upgrade?.inFlight ?? []) transport.abort();
        listener.stop();
      },
    };
  };
}
