// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectionOptions, connectWith, UsageError } from "@natswire/io";
import { checkNoMore, optionsOf } from "@natswire/io/adapter";
import { type DialOptions, dialWith, own } from "./dial.ts";

/** How to connect by WebSocket. */
export interface ConnectOptions
  extends DialOptions,
    Omit<ConnectionOptions, "servers" | "port" | "tls" | "handshakeFirst"> {
  /** `wss://host/path`, or `ws://host:port` for plain text; one or several. */
  readonly servers: string | readonly string[];
}

/**
 * Connects to a NATS server's WebSocket port: `const client = await connect("wss://example.com")`.
 *
 * @throws ConnectionError where none lets it in
 * @throws UsageError where the options make no sense; BAD_FIELD where no server is given, or the runtime has no WebSocket and no factory is given
 */
export function connect(options: ConnectOptions | string): Promise<Connection>;
export async function connect(given: ConnectOptions | string, ...more: unknown[]): Promise<Connection> {
  checkNoMore(more, "connect({ servers, name })");
  const { factory, maxWaiting, ...options }: ConnectOptions = optionsOf(given ?? {});
  if (options.servers === undefined) throw new UsageError("BAD_FIELD", 'no servers; write connect("wss://host")');
  return connectWith(dialWith({ factory: factory ?? own(), maxWaiting }), options);
}
