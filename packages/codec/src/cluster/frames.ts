// SPDX-License-Identifier: Apache-2.0
import type { Err, Ok, Ping, Pong } from "../frames.ts";
import type { ConnectInfo, ServerInfo } from "../info.ts";

/** What a server reports about itself in the INFO of a link, under the names of the protocol. Unknown fields are kept. */
export interface LinkInfo extends ServerInfo {
  /** Whether the server understands LS+ and LMSG with the cluster of a leafnode. */
  readonly lnoc?: boolean;
  /** Whether it also understands LS- with that cluster (nats-server 2.11 and later). */
  readonly lnocu?: boolean;
  /** Whether it understands LS+ and LS- of a leafnode without a cluster, with `_` in its place; implies `lnocu`. */
  readonly ln?: boolean;
  /** The number of connections that it keeps to each other server. */
  readonly route_pool_size?: number;
  /** Which of them this is, from 0. */
  readonly route_pool_idx?: number;
  /** The account that this connection, or another one, is for. */
  readonly route_account?: string;
  readonly gossip_mode?: number;
  /** The addresses for leafnodes, `host:port`. */
  readonly leafnode_urls?: readonly string[];
  readonly info_on_connect?: boolean;
  readonly gateway?: string;
  readonly gateway_urls?: readonly string[];
  readonly gateway_url?: string;
  /** 1: gossip; 2 and 3: the complete interest of an account begins and ends. */
  readonly gateway_cmd?: number;
  readonly gateway_cmd_payload?: string;
  readonly gateway_nrp?: boolean;
  readonly gateway_iom?: boolean;
}

/** What a server reports about itself in the CONNECT of a link, under the names of the protocol. Unknown fields are kept. */
export interface LinkConnect extends ConnectInfo {
  /** The cluster that the server belongs to. */
  readonly cluster?: string;
  readonly cluster_dynamic?: boolean;
  readonly lnoc?: boolean;
  readonly lnocu?: boolean;
  readonly ln?: boolean;
  /** The name of the gateway that connects. */
  readonly gateway?: string;
  readonly server_id?: string;
  readonly domain?: string;
  readonly is_hub?: boolean;
  readonly jetstream?: boolean;
  readonly deny_pub?: readonly string[];
  /** The compression that a leafnode asks for. */
  readonly compression?: string;
  readonly remote_account?: string;
  readonly [unknown: string]: unknown;
}

/** A frame that every link has: INFO, CONNECT, +OK, -ERR, PING or PONG. */
export type LinkFrame =
  | { readonly op: "info"; readonly info: LinkInfo }
  | { readonly op: "connect"; readonly options: LinkConnect }
  | Ok
  | Err
  | Ping
  | Pong;

/** What the frames with names have in common. */
interface Named {
  /** `true` if a name holds a control character or is not UTF-8: a server relays such names from any client. */
  readonly flaw: true | undefined;
}

/** What the frames of a route and of a gateway have in common. */
interface InAccount extends Named {
  /** The account; `undefined` only on a route that is for one account. */
  readonly account: string | undefined;
}

/** What the frames about a leafnode of the other server have in common. */
interface WithOrigin {
  /** The cluster of the leafnode; `_` for a leafnode without one. */
  readonly origin: string;
}

interface Interest {
  readonly subject: string;
  /** The queue group; `undefined` for plain subscriptions. */
  readonly queue: string | undefined;
  /** The number of members of the queue group: the new total, not a difference. */
  readonly weight: number | undefined;
}

interface NoInterest {
  readonly subject: string;
  readonly queue: string | undefined;
}

interface LinkMessage {
  readonly subject: string;
  readonly reply: string | undefined;
  /** The queue groups of which one member each receives the message. Plain subscriptions always receive it. */
  readonly queues: readonly string[];
  /** The raw header block, borrowed: see `decodeHeaders`. */
  readonly headers: Uint8Array | undefined;
  /** The payload, borrowed: use `.slice()` to keep it. See "Lifetimes" in docs/codec.md. */
  readonly payload: Uint8Array;
}

/** RS+: a server has subscribers for a subject, or members of a queue group. */
export interface RouteSub extends InAccount, Interest {
  readonly op: "rs+";
}

/** RS-: it has none any more. */
export interface RouteUnsub extends InAccount, NoInterest {
  readonly op: "rs-";
}

/** LS+ of a route: a leafnode of the server has subscribers. */
export interface RouteLeafSub extends WithOrigin, InAccount, Interest {
  readonly op: "ls+";
}

/** LS- of a route: it has none any more. */
export interface RouteLeafUnsub extends InAccount, NoInterest {
  readonly op: "ls-";
  /** The cluster of the leafnode; `undefined` if one of the servers is older than 2.11: see `RouteOptions.lnocu`. */
  readonly origin: string | undefined;
}

/** RMSG, or HMSG if it has headers: a message for subscribers of the other server. */
export interface RouteMsg extends InAccount, LinkMessage {
  readonly op: "rmsg";
}

/** LMSG of a route: a message that a leafnode published. `headers` is empty if it has none. */
export interface RouteLeafMsg extends WithOrigin, InAccount, LinkMessage {
  readonly op: "lmsg";
  readonly headers: Uint8Array;
}

/** A+ or A-: a server has subscribers in an account, or none. Only gateways send it. */
export interface AccountInterest extends Named {
  readonly op: "a+" | "a-";
  readonly account: string;
}

/** LS+: the other side of a leafnode connection has subscribers for a subject, or members of a queue group. */
export interface LeafSub extends Named, Interest {
  readonly op: "ls+";
}

/** LS-: it has none any more. */
export interface LeafUnsub extends Named, NoInterest {
  readonly op: "ls-";
}

/** LMSG, or HMSG if it has headers: a message for subscribers on the other side of a leafnode connection. */
export interface LeafMsg extends Named, LinkMessage {
  readonly op: "lmsg";
}

/** A frame between two servers of a cluster, in either direction. */
export type RouteFrame =
  | RouteSub
  | RouteUnsub
  | RouteLeafSub
  | RouteLeafUnsub
  | RouteMsg
  | RouteLeafMsg
  | AccountInterest
  | LinkFrame;

/** A frame between a server and its leafnode, in either direction. */
export type LeafFrame = LeafSub | LeafUnsub | LeafMsg | AccountInterest | LinkFrame;

/** A frame between two clusters, in either direction. */
export type GatewayFrame = RouteSub | RouteUnsub | RouteMsg | AccountInterest | LinkFrame;

/**
 * A frame as the encoders of this module take it: a field that may be `undefined` is optional. Every decoded frame can be one.
 */
export type LinkInput<F> = F extends unknown ? Given<F> & { readonly [Name in Maybe<F>]?: F[Name] | undefined } : never;

/** The fields that may be `undefined`, and the others. */
type Maybe<F> = { [Name in keyof F]: undefined extends F[Name] ? Name : never }[keyof F];
type Given<F> = Omit<F, Maybe<F>>;
