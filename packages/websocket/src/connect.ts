// SPDX-License-Identifier: Apache-2.0
import type { ConnectionOptions, ServerUrl } from "@natswire/io";
import { checkNoMore, checkOptions, connectionOptions, connectWith, optionsOf } from "@natswire/io/adapter";
import { type Connection, UsageError } from "@natswire/io/client";
import { type DialOptions, dialOptions, dialWith, ownWebSocket } from "./dial.ts";

/** Options of a connection over WebSocket. */
export interface ConnectOptions
  extends DialOptions,
    Omit<ConnectionOptions, "servers" | "port" | "tls" | "handshakeFirst"> {
  /** Server URLs: `wss://host/path`, or `ws://host:port` for plain text. */
  readonly servers: ServerUrl | readonly ServerUrl[];
}

/**
 * Connects to the WebSocket port of a NATS server.
 *
 * Resolves after a server has accepted the client. Each server is tried once, or until one accepts with `waitOnFirstConnect`;
 * a lost connection is made again.
 *
 * @param options the options, or the URL of a server
 * @throws ConnectionError if no server accepts the client
 * @throws UsageError if an option is unknown or not valid; BAD_FIELD if there is no server, or no WebSocket and no factory
 * @example
 * ```js
 * import { serve } from "@natswire/node/websocket";
 * import { connect } from "@natswire/websocket";
 *
 * const server = await serve(); // or the WebSocket port of any NATS server
 * // Node 20 has no WebSocket: pass a factory there.
 * const client = await connect(server.url);
 * console.log(await client.rtt() > 0); // true
 * await client.close();
 * await server.close();
 * ```
 */
export function connect(options: ConnectOptions | ServerUrl): Promise<Connection>;
export async function connect(given: ConnectOptions | ServerUrl, ...more: unknown[]): Promise<Connection> {
  checkNoMore(more, "connect({ servers, name })");
  const all: ConnectOptions = optionsOf(given ?? {});
  checkOptions(all, [...connectionOptions, ...dialOptions]);
  const { factory, maxWaiting, ...options } = all;
  if (options.servers === undefined) throw new UsageError("BAD_FIELD", 'no servers; write connect("wss://host")');
  return connectWith(dialWith({ factory: factory ?? ownWebSocket(), maxWaiting }), options);
}
