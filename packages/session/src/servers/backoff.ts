// SPDX-License-Identifier: Apache-2.0
import type { Millis, SessionConfig } from "../config.ts";

/**
 * Returns the milliseconds to wait before an attempt: exponential backoff with full jitter.
 *
 * The first attempt is made at once. Each later one waits a random time between 0 and a limit that doubles, so that clients
 * that lost the same server do not all come back at the same time.
 *
 * @param failures failed attempts since a connection was stable
 * @param fraction a random number, at least 0 and below 1
 */
export function backoff(
  failures: number,
  { reconnectTimeWait, maxReconnectTimeWait }: Pick<SessionConfig, "reconnectTimeWait" | "maxReconnectTimeWait">,
  fraction: number,
): Millis {
  if (failures === 0) return 0;
  return Math.floor(fraction * Math.min(maxReconnectTimeWait, reconnectTimeWait * 2 ** Math.min(failures - 1, 30)));
}
