// SPDX-License-Identifier: Apache-2.0

import { checkNoMore, optionsOf } from "../options.ts";
import type { Dial } from "../transport/transport.ts";
import { onAbort } from "../wait.ts";
import { Client } from "./client.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection-options.ts";

/**
 * Connects to a server.
 *
 * @throws ConnectionError where none lets it in
 * @throws UsageError where the options make no sense
 */
export function connectWith(dial: Dial, options?: ConnectionOptions | string): Promise<Connection>;
export async function connectWith(
  dial: Dial,
  given: ConnectionOptions | string = {},
  ...more: unknown[]
): Promise<Connection> {
  checkNoMore(more, "connectWith(dial, { servers, name })");
  const { signal, ...options }: ConnectionOptions = optionsOf(given);
  let client: Client | undefined;
  const unheard = onAbort(signal, () => void client?.close());
  try {
    client = new Client(dial, options);
    await client.connected;
    return client;
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  } finally {
    unheard();
  }
}
