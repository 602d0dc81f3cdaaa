// SPDX-License-Identifier: Apache-2.0
import type { NamedGrammar } from "../decode/named-grammar.ts";
import { formatValue, UsageError } from "../errors.ts";
import type { LinkInput, RouteFrame } from "./frames.ts";
import { type LinkGrammar, linkGrammar } from "./link-grammar.ts";
import type { LinkWord } from "./link-rows.ts";

/** How two servers write the frames of a route: they agree on it in INFO. `RouteLink` reads it from there. */
export interface RouteOptions {
  /**
   * Whether the connection is for one account, which its frames then omit; `false` by default. It is if the first INFO of the
   * server that connects has `route_account`. nats-server 2.10 and later has such a connection for the system account.
   */
  readonly pinned?: boolean | undefined;
  /**
   * Whether LS- names the cluster of the leafnode; `true` by default. It does if both servers have `lnocu` in INFO, which is
   * nats-server 2.11 and later.
   */
  readonly lnocu?: boolean | undefined;
}

type RouteVerb = "RS+" | "RS-" | "LS+" | "LS-" | "RMSG" | "HMSG" | "LMSG";
/** The verbs of a route. */
export type RouteWord = RouteVerb | LinkWord;

const message = ["subject", "reply", "queues", "headers", "payload", "flaw"] as const;
const fields = {
  "rs+": ["account", "subject", "queue", "weight", "flaw"],
  "rs-": ["account", "subject", "queue", "flaw"],
  "ls+": ["origin", "account", "subject", "queue", "weight", "flaw"],
  "ls-": ["origin", "account", "subject", "queue", "flaw"],
  rmsg: ["account", ...message],
  lmsg: ["origin", "account", ...message],
};
const made = /* @__PURE__ */ new Map<string, LinkGrammar<RouteFrame, RouteVerb>>();

/** Returns the grammar of a route, with its encoder. */
export function routeGrammar(options: RouteOptions): LinkGrammar<RouteFrame, RouteVerb> {
  const { pinned, lnocu } = checked(options);
  const key = `${pinned} ${lnocu}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const account = pinned ? "" : "account ";
  const rows = [
    { word: "RS+", line: `${account}subject [queue #weight]` },
    { word: "RS-", line: `${account}subject [queue]` },
    { word: "LS+", line: `origin ${account}subject [queue #weight]` },
    { word: "LS-", line: `${lnocu ? "origin " : ""}${account}subject [queue]` },
    { word: "RMSG", line: `${account}subject [reply queues...] size` },
    { word: "HMSG", line: `${account}subject [reply queues...] headers-size size` },
    { word: "LMSG", line: `origin ${account}subject [reply queues...] headers-size size` },
  ];
  const grammar = linkGrammar<RouteFrame, RouteVerb>({ rows, fields, message: "rmsg" });
  made.set(key, grammar);
  return grammar;
}

/**
 * Returns the grammar of the frames between two servers of a cluster, in both directions.
 *
 * Each call with the same options returns the same grammar. If you see the INFO of both servers, use a `RouteLink`: it chooses
 * the options. The connection must have `compression: off` and no TLS.
 *
 * @throws UsageError BAD_FIELD if an option is unknown or not a boolean
 *
 * @example
 * ```ts
 * import { Decoder } from "@natswire/codec";
 * import { routeFrames } from "@natswire/codec/cluster";
 *
 * const decoder = new Decoder(routeFrames());
 * decoder.push(new TextEncoder().encode("RS+ $G orders.* workers 2\r\nRMSG $G orders.new | workers 5\r\napple\r\n"));
 * for (const frame of decoder) {
 *   if (frame.op === "rs+") console.log(frame.account, frame.subject, frame.queue, frame.weight); // $G orders.* workers 2
 *   if (frame.op === "rmsg") console.log(frame.subject, frame.queues); // orders.new [ 'workers' ]
 * }
 * ```
 */
export function routeFrames(options: RouteOptions = {}): NamedGrammar<RouteFrame, RouteWord> {
  return routeGrammar(options).frames;
}

/**
 * Encodes a frame between two servers of a cluster. The bytes are a copy, and decode to the same frame.
 *
 * @param options how the two servers write their frames, as in `routeFrames`
 * @throws UsageError BAD_FIELD or BAD_NUMBER for a field that cannot be sent: an `account` on a connection for one account, a
 * name with a blank, and the like; TOO_LARGE if the frame exceeds the limits of `routeFrames`
 *
 * @example
 * ```ts
 * import { encodeRoute } from "@natswire/codec/cluster";
 *
 * const sub = { op: "rs+", subject: "orders.*" } as const;
 * console.log(JSON.stringify(new TextDecoder().decode(encodeRoute({ ...sub, account: "$G" })))); // "RS+ $G orders.*\r\n"
 * const pinned = encodeRoute(sub, { pinned: true });
 * console.log(JSON.stringify(new TextDecoder().decode(pinned))); // "RS+ orders.*\r\n"
 * ```
 */
export function encodeRoute(frame: LinkInput<RouteFrame>, options: RouteOptions = {}): Uint8Array {
  return routeGrammar(options).encode(frame);
}

/** Returns the options with their defaults. */
function checked({ pinned = false, lnocu = true, ...unknown }: RouteOptions): Required<RouteOptions> {
  for (const name in unknown)
    throw new UsageError("BAD_FIELD", `unknown option "${name}": the options are pinned and lnocu`);
  const all = { pinned, lnocu };
  for (const [name, value] of Object.entries(all))
    if (typeof value !== "boolean")
      throw new UsageError("BAD_FIELD", `${name} must be a boolean, not ${formatValue(value)}`);
  return all;
}
