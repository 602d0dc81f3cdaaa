// SPDX-License-Identifier: Apache-2.0
import type { SessionContext } from "./context.ts";
import type { Link } from "./link.ts";

/**
 * Sends the keep-alive PING that is due, and schedules the next one.
 *
 * @param wasPaused whether reading was paused since the last PING: the PONG may then wait in the socket
 * @returns why the connection is stale, or `undefined` if it is not
 */
export function keepAlive(
  link: Link,
  { config, now }: Pick<SessionContext, "config" | "now">,
  wasPaused: boolean,
): string | undefined {
  link.schedulePing(now, config);
  if (wasPaused) return undefined;
  const { unansweredPings } = link;
  if (unansweredPings >= config.maxPingOut) return `${unansweredPings} PINGs unanswered`;
  link.ping("keep-alive");
  return undefined;
}
