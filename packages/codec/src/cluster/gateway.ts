// SPDX-License-Identifier: Apache-2.0
import type { NamedGrammar } from "../decode/named-grammar.ts";
import type { GatewayFrame, LinkInput } from "./frames.ts";
import { type LinkGrammar, linkGrammar } from "./link-grammar.ts";
import type { LinkWord } from "./link-rows.ts";

type GatewayVerb = "RS+" | "RS-" | "RMSG" | "HMSG";

/** The grammar of a gateway connection, with its encoder. */
export const gatewayGrammar: LinkGrammar<GatewayFrame, GatewayVerb> = /* @__PURE__ */ linkGrammar({
  rows: [
    { word: "RS+", line: "account subject [queue #weight]" },
    { word: "RS-", line: "account subject [queue]" },
    { word: "RMSG", line: "account subject [reply queues...] size" },
    { word: "HMSG", line: "account subject [reply queues...] headers-size size" },
  ],
  fields: {
    "rs+": ["account", "subject", "queue", "weight", "flaw"],
    "rs-": ["account", "subject", "queue", "flaw"],
    rmsg: ["account", "subject", "reply", "queues", "headers", "payload", "flaw"],
  },
  message: "rmsg",
});

/**
 * The grammar of the frames between two clusters, in both directions: a server sends messages on the connection that it opened,
 * and the other one its interest. The connection must have no TLS.
 */
export const gatewayFrames: NamedGrammar<GatewayFrame, GatewayVerb | LinkWord> = /* @__PURE__ */ (() =>
  gatewayGrammar.frames)();

/**
 * Encodes a frame between two clusters. The bytes are a copy, and decode to the same frame.
 *
 * @throws UsageError BAD_FIELD or BAD_NUMBER for a field that cannot be sent; TOO_LARGE if the frame exceeds the limits of
 * `gatewayFrames`
 */
export function encodeGateway(frame: LinkInput<GatewayFrame>): Uint8Array {
  return gatewayGrammar.encode(frame);
}
