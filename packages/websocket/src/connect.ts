// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectionOptions, connectWith, UsageError } from "@natswire/io";
import { type DialOptions, dialWith, own } from "./dial.ts";

/** How to connect by WebSocket. */
export interface ConnectOptions
  extends DialOptions,
    Omit<ConnectionOptions, "servers" | "port" | "tls" | "handshakeFirst"> {
  /** `wss://host/path`, or `ws://host:port` for plain text; one or several. */
  readonly servers: string | readonly string[];
}

/**
 * Connects to a NATS server's WebSocket port: `const client = await connect({ servers: "wss://example.com" })`.
 *
 * @throws ConnectionError where none lets it in
 * @throws UsageError where the options make no sense; BAD_FIELD where no server is given, or the runtime has no WebSocket and no factory is given
 */
export async function connect(given: ConnectOptions): Promise<Connection> {
  if (given?.servers === undefined)
    throw new UsageError("BAD_FIELD", 'servers must be given: "wss://host" for instance');
  const { factory, maxWaiting, ...options } = given;
  return connectWith(dialWith({ factory: factory ?? own(), maxWaiting }), options);
}
