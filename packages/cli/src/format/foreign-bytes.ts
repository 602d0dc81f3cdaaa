// SPDX-License-Identifier: Apache-2.0
import type { ProtocolError } from "@natswire/codec";

/** Why the frames inside TLS are not shown, and what to do. */
export const TLS_HINT = "to see what is inside, use a tap that ends it: --tlscert and --upstream tls://";

const KINDS: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/^[A-Z]+ \S* HTTP\//, "this is an HTTP request; for WebSocket clients, use natswire tap --listen ws://"],
  [/^HTTP\//, "this is an HTTP response; for the WebSocket port of a server, use natswire tap --upstream ws://"],
  [/^[^ -~]{4}S2sTwO/, "this is compressed; write compression: off into the configuration of both servers"],
  [/^(?:[RL]S[+-]|A[+-]|[RL]MSG)\s/i, "servers send this; use --protocol route, leafnode or gateway"],
  [/^INFO\s*\{/i, "a server sends this; if servers are connected here, use --protocol route, leafnode or gateway"],
];

/**
 * Returns what bytes are that are no frames, and what to do, as the end of a message; empty if it is not known.
 *
 * @param line the bytes from the start of the line, as Latin-1
 */
export function formatHint({ code }: ProtocolError, line: string): string {
  const [, text] = (code === "UNKNOWN_VERB" && KINDS.find(([pattern]) => pattern.test(line))) || [];
  return text === undefined ? "" : `; ${text}`;
}
