// SPDX-License-Identifier: Apache-2.0
import type { Millis, SessionConfig } from "../config.ts";

/**
 * How long to wait before an attempt: the first is made at once, and each later one after a time drawn evenly from
 * nothing up to a limit that doubles, so that clients that lost the same server do not come back together.
 *
 * @param failures attempts that failed since the session was last connected for a while
 * @param fraction a number from 0 up to 1, from a cryptographic source
 */
export function backoff(
  failures: number,
  { reconnectTimeWait, maxReconnectTimeWait }: Pick<SessionConfig, "reconnectTimeWait" | "maxReconnectTimeWait">,
  fraction: number,
): Millis {
  if (failures === 0) return 0;
  return Math.floor(fraction * Math.min(maxReconnectTimeWait, reconnectTimeWait * 2 ** Math.min(failures - 1, 30)));
}
