// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import {
  checkParameters,
  flag,
  flagOrDetail,
  oneOf,
  type PageOptions,
  type Parameter,
  pageOf,
  text,
  wholeNumber,
} from "./query.ts";
import { detailOf, type Entry, formatUptime, openEntries, type Source, type SubscriptionDetail } from "./snapshot.ts";

/** A page of the connections, as `/connz` of nats-server lists them. */
export interface Connz {
  readonly server_id: string;
  readonly now: string;
  /** How many connections this page has. */
  readonly num_connections: number;
  /** How many connections match the options. */
  readonly total: number;
  readonly offset: number;
  readonly limit: number;
  readonly connections: readonly ConnzConnection[];
}

/** One connection of `Connz`. */
export interface ConnzConnection {
  readonly cid: number;
  readonly kind: "Client";
  readonly type: "nats" | "websocket";
  /** The client's IP address; empty if the transport has none. */
  readonly ip: string;
  /** The client's port; 0 if the transport has none. */
  readonly port: number;
  readonly start: string;
  readonly last_activity: string;
  /** When and why it was closed; absent while it is open. */
  readonly stop?: string | undefined;
  readonly reason?: string | undefined;
  /** From INFO to CONNECT, later from the last PING to its PONG; absent before CONNECT. */
  readonly rtt?: string | undefined;
  readonly uptime: string;
  readonly idle: string;
  readonly pending_bytes: number;
  /** Messages that it published, without rejected ones. */
  readonly in_msgs: number;
  /** Messages delivered to it. */
  readonly out_msgs: number;
  readonly in_bytes: number;
  readonly out_bytes: number;
  readonly subscriptions: number;
  /** What CONNECT said; absent if it did not. */
  readonly name?: string | undefined;
  readonly lang?: string | undefined;
  readonly version?: string | undefined;
  /** Only with `auth`. */
  readonly authorized_user?: string | undefined;
  /** Only with `auth`, and if it is not `$G`. */
  readonly account?: string | undefined;
  /** Only with `subs: true`. */
  readonly subscriptions_list?: readonly string[] | undefined;
  /** Only with `subs: "detail"`. */
  readonly subscriptions_list_detail?: readonly SubscriptionDetail[] | undefined;
}

/** What `connz` sorts by: `cid`, `start`, `uptime` and `reason` from the smallest value on, all others from the largest. */
export type ConnzSort =
  | "cid"
  | "start"
  | "subs"
  | "pending"
  | "msgs_to"
  | "msgs_from"
  | "bytes_to"
  | "bytes_from"
  | "last"
  | "idle"
  | "uptime"
  | "rtt"
  | "stop"
  | "reason";

/** Options of `connz`, which have the names of `/connz` of nats-server. */
export interface ConnzOptions extends PageOptions {
  /** The order; `cid` by default. `stop` and `reason` need `state: "closed"`. */
  readonly sort?: ConnzSort | undefined;
  /** Whether to include users and accounts; false by default. */
  readonly auth?: boolean | undefined;
  /** Whether to include the subjects of the subscriptions, or everything about them; false by default. */
  readonly subs?: boolean | "detail" | undefined;
  /** How many connections to skip; 0 by default. */
  readonly offset?: number | undefined;
  /** How many connections to return at most; 1,024 by default. */
  readonly limit?: number | undefined;
  /** Returns only the connection with this id. */
  readonly cid?: number | undefined;
  /** Open connections (default), the last 1,024 that were closed since `monitor` was called, or both (`any` or `all`). */
  readonly state?: "open" | "closed" | "any" | "all" | undefined;
  /** Returns only the connections of this user. */
  readonly user?: string | undefined;
  /** Returns only the connections of this account. */
  readonly acc?: string | undefined;
}

// What to sort by, from the smallest value on.
const keys: Readonly<Record<ConnzSort, (entry: Entry) => number | string>> = {
  cid: ({ info }) => info.id,
  start: ({ info }) => info.id,
  subs: ({ info }) => -info.subscriptions.length,
  pending: ({ info }) => -info.pending,
  msgs_to: ({ info }) => -info.delivered,
  msgs_from: ({ info }) => -info.published,
  bytes_to: ({ info }) => -info.deliveredBytes,
  bytes_from: ({ info }) => -info.publishedBytes,
  last: ({ info }) => -info.activeAt,
  idle: ({ info, until }) => info.activeAt - until,
  uptime: ({ info, until }) => until - info.openedAt,
  rtt: ({ info }) => -(info.roundTrip ?? 0),
  stop: ({ until }) => -until,
  reason: ({ reason = "" }) => reason,
};

/** The options of `connz`, by name. */
export const connzParameters: Readonly<Record<keyof ConnzOptions, Parameter>> = {
  sort: /* @__PURE__ */ oneOf(/* @__PURE__ */ Object.keys(keys)),
  auth: flag,
  subs: flagOrDetail,
  offset: wholeNumber,
  limit: wholeNumber,
  cid: wholeNumber,
  state: /* @__PURE__ */ oneOf(["open", "closed", "any", "all"]),
  user: text,
  acc: text,
};

/**
 * Returns a page of the connections.
 *
 * @throws UsageError BAD_FIELD if an option is unknown or not valid
 */
export function connz({ server, closed, date }: Source, options: ConnzOptions): Connz {
  checkParameters(options, connzParameters, "connz");
  const { sort = "cid", state = "open", cid, user, acc } = options;
  if ((sort === "stop" || sort === "reason") && state !== "closed")
    throw new UsageError("BAD_FIELD", `sort "${sort}" needs state "closed"`);
  const all = [...(state === "closed" ? [] : openEntries(server)), ...(state === "open" ? [] : closed)];
  const found = all.filter(
    ({ info }) => (!cid || info.id === cid) && (!user || info.user === user) && (!acc || info.account === acc),
  );
  const { offset, limit } = cid ? { ...pageOf(options), limit: 1 } : pageOf(options);
  const key = keys[sort];
  const page = found.sort((a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b)))).slice(offset, offset + limit);
  const now = server.driver.now();
  return {
    server_id: server.driver.core.view.info.server_id,
    now: date(now),
    num_connections: page.length,
    total: found.length,
    offset,
    limit,
    connections: page.map((entry) => describe(entry, options, date)),
  };
}

function describe(
  { info, type, port, until, reason }: Entry,
  { auth, subs }: ConnzOptions,
  date: Source["date"],
): ConnzConnection {
  const { id: cid, roundTrip, subscriptions, options, account } = info;
  const shown = subscriptions.length > 0 ? subs : false;
  return {
    cid,
    kind: "Client",
    type,
    ip: info.address ?? "",
    port,
    start: date(info.openedAt),
    last_activity: date(info.activeAt),
    stop: reason && date(until),
    reason,
    // Go reads it as a duration.
    rtt: roundTrip === undefined ? undefined : `${Math.round(roundTrip * 1000) / 1000}ms`,
    uptime: formatUptime(until - info.openedAt),
    idle: formatUptime(until - info.activeAt),
    pending_bytes: info.pending,
    in_msgs: info.published,
    out_msgs: info.delivered,
    in_bytes: info.publishedBytes,
    out_bytes: info.deliveredBytes,
    subscriptions: subscriptions.length,
    name: options.name || undefined,
    lang: options.lang || undefined,
    version: options.version || undefined,
    authorized_user: (auth && info.user) || undefined,
    account: auth && account !== "$G" ? account : undefined,
    subscriptions_list: shown === true ? subscriptions.map(({ subject }) => subject) : undefined,
    subscriptions_list_detail: shown === "detail" ? subscriptions.map((one) => detailOf(one, cid)) : undefined,
  };
}
