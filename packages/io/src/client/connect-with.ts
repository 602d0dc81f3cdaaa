// SPDX-License-Identifier: Apache-2.0

import { badField } from "../bad-field.ts";
import { checkNoMore, checkOptions, optionsOf } from "../options.ts";
import type { Dial } from "../transport/transport.ts";
import { onAbort } from "../wait.ts";
import { Client } from "./client.ts";
import type { Connection } from "./connection.ts";
import { type ConnectionOptions, connectionOptions, type ServerUrl } from "./connection-options.ts";

/**
 * Connects to a NATS server on a transport of your choice.
 *
 * Resolves after a server has accepted the client. Each server is tried once, or until one accepts with `waitOnFirstConnect`.
 *
 * @param options the options, or the URL of a server; `nats://127.0.0.1:4222` by default
 * @throws ConnectionError if no server accepts the client
 * @throws UsageError if an option is unknown or not valid
 * @throws the reason of `signal` if it is aborted
 * @example
 * ```js
 * import { connectWith } from "@natswire/io";
 * import { dialWith, serve } from "@natswire/node";
 *
 * const server = await serve();
 * const client = await connectWith(dialWith({}), { servers: server.url, name: "example" });
 * console.log(server.connections[0]?.info?.options.name); // example
 * await client.close();
 * await server.close();
 * ```
 */
export function connectWith(dial: Dial, options?: ConnectionOptions | ServerUrl): Promise<Connection>;
export async function connectWith(
  dial: Dial,
  given: ConnectionOptions | ServerUrl = {},
  ...more: unknown[]
): Promise<Connection> {
  checkNoMore(more, "connectWith(dial, { servers, name })");
  if (typeof dial !== "function") throw badField("dial", "a function", dial);
  const all: ConnectionOptions = optionsOf(given);
  checkOptions(all, connectionOptions);
  const { signal, ...options } = all;
  let client: Client | undefined;
  const removeAbortListener = onAbort(signal, () => void client?.close());
  try {
    client = new Client(dial, options);
    await client.connected;
    return client;
  } catch (error) {
    void client?.close();
    throw signal?.aborted === true ? signal.reason : error;
  } finally {
    removeAbortListener();
  }
}
