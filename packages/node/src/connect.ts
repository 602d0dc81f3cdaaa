// SPDX-License-Identifier: Apache-2.0
import type { Connection, ServerUrl } from "@natswire/io";
import { connectWithTls, type TlsConnectOptions } from "@natswire/io/adapter";
import { type ClientTls, dialWith } from "./dial.ts";

/**
 * Options of a connection: those of every runtime, and `tls`.
 *
 * @interface
 */
export type ConnectOptions = TlsConnectOptions<ClientTls>;

/**
 * Connects to a NATS server.
 *
 * Resolves after a server has accepted the client. Each server is tried once, or until one accepts with `waitOnFirstConnect`;
 * a lost connection is made again.
 *
 * @param options the options, or the URL of a server; `nats://127.0.0.1:4222` by default
 * @throws ConnectionError if no server accepts the client
 * @throws UsageError if an option is unknown or not valid
 * @example
 * ```js
 * import { connect, serve } from "@natswire/node";
 *
 * const server = await serve(); // or any NATS server
 * const client = await connect({ servers: server.url });
 * const orders = client.subscribe("orders.*");
 * client.publish("orders.created", "42");
 * for await (const order of orders) {
 *   console.log(order.subject, order.text()); // orders.created 42
 *   break;
 * }
 * await client.drain();
 * await server.close();
 * ```
 */
export function connect(options?: ConnectOptions | ServerUrl): Promise<Connection>;
export function connect(options: ConnectOptions | ServerUrl = {}, ...more: unknown[]): Promise<Connection> {
  return connectWithTls(dialWith, options, more);
}
