// SPDX-License-Identifier: Apache-2.0
import type { Server, ServerOptions } from "@natswire/io";
import { serveOn } from "@natswire/io/adapter/server";
import { type ListenOptions, listenWith } from "./listen.ts";

/** Options of a server: those of every runtime, and `tls`. */
export interface ServeOptions extends ServerOptions, ListenOptions {}

/**
 * Starts an embedded server on a TCP port of this machine.
 *
 * It listens on 127.0.0.1 and a free port by default, in plain text without `tls`.
 *
 * @throws UsageError if an option is unknown or not valid, also a key or a certificate, with the runtime's error as `cause`
 * @throws Error with the `code` of the socket's error, for example EADDRINUSE, which is its `cause`
 * @example
 * ```js
 * import { connect, serve } from "@natswire/node";
 *
 * const server = await serve({ record: true });
 * const client = await connect(server.url);
 * client.publish("orders.created", "42");
 * await server.transcript.expect({ op: "pub", subject: "orders.created", payload: "42" });
 * await client.close();
 * await server.close();
 * ```
 */
export function serve(options?: ServeOptions): Promise<Server>;
export function serve(options: ServeOptions = {}, ...more: unknown[]): Promise<Server> {
  return serveOn(listenWith, ["tls"], options, more);
}
