// SPDX-License-Identifier: Apache-2.0
import { ConnectionError } from "../connection-error.ts";
import type { Connection } from "./connection.ts";
import type { Operations } from "./operations.ts";
import type { ClientSubscription } from "./subscription.ts";

/**
 * Ends all subscriptions, and resolves after their messages are read, the requests in progress have ended, and what was
 * published is confirmed.
 *
 * @throws ConnectionError LOST if the connection ended before the server confirmed every message
 */
export async function emptied(
  connection: Connection,
  operations: Operations,
  subscriptions: readonly ClientSubscription[],
): Promise<void> {
  const { unknown } = connection.stats;
  await operations.drained(undefined);
  await Promise.race([connection.closed, Promise.all(subscriptions.map((one) => one.idle()))]);
  await operations.settled();
  // Without a connection, and with nothing to send, there is nothing to wait for.
  if (connection.isConnected || connection.stats.buffered > 0) {
    await connection.flush().catch(async (error) => {
      // If the program closed the connection meanwhile, the flush does not matter.
      const reason = connection.isClosed ? await connection.closed : error;
      if (reason !== undefined) throw reason;
    });
  }
  // A program that closed the connection meanwhile does not wait for confirmations.
  const isOwn = connection.isClosed && (await connection.closed) === undefined;
  if (!isOwn && connection.stats.unknown > unknown)
    throw new ConnectionError("LOST", "the connection ended before the server confirmed every message");
}
