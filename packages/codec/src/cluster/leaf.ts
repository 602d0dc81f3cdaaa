// SPDX-License-Identifier: Apache-2.0
import type { NamedGrammar } from "../decode/named-grammar.ts";
import type { LeafFrame, LinkInput } from "./frames.ts";
import { type LinkGrammar, linkGrammar } from "./link-grammar.ts";
import type { LinkWord } from "./link-rows.ts";

type LeafVerb = "LS+" | "LS-" | "LMSG" | "HMSG";

/** The grammar of a leafnode connection, with its encoder. */
export const leafGrammar: LinkGrammar<LeafFrame, LeafVerb> = /* @__PURE__ */ linkGrammar({
  rows: [
    { word: "LS+", line: "subject [queue #weight]" },
    { word: "LS-", line: "subject [queue]" },
    { word: "LMSG", line: "subject [reply queues...] size" },
    { word: "HMSG", line: "subject [reply queues...] headers-size size" },
  ],
  fields: {
    "ls+": ["subject", "queue", "weight", "flaw"],
    "ls-": ["subject", "queue", "flaw"],
    lmsg: ["subject", "reply", "queues", "headers", "payload", "flaw"],
  },
  message: "lmsg",
});

/**
 * The grammar of the frames between a server and its leafnode, in both directions.
 *
 * The connection must have no TLS, and `compression: off` in the `leafnodes` block of both servers: nats-server 2.10 and later
 * compresses it by default.
 */
export const leafFrames: NamedGrammar<LeafFrame, LeafVerb | LinkWord> = /* @__PURE__ */ (() => leafGrammar.frames)();

/**
 * Encodes a frame between a server and its leafnode. The bytes are a copy, and decode to the same frame.
 *
 * @throws UsageError BAD_FIELD or BAD_NUMBER for a field that cannot be sent; TOO_LARGE if the frame exceeds the limits of
 * `leafFrames`
 */
export function encodeLeaf(frame: LinkInput<LeafFrame>): Uint8Array {
  return leafGrammar.encode(frame);
}
