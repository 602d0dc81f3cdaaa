// SPDX-License-Identifier: Apache-2.0
import type { ConnectInfo, ServerInfo } from "@natswire/codec";
import type { Millis } from "./config.ts";

/** The id of a connection. Never reused. */
export type ConnectionId = number;

/** The number of a listener. The first is 0. */
export type ListenerId = number;

/** The id of a subscription of the host program. Never reused. */
export type SubscriptionId = number;

/**
 * Why the server closes a connection.
 *
 * - `auth`: not authorized, or not in time
 * - `protocol`: the client violated the protocol
 * - `refused`: a limit, or the host program's `drop`
 * - `stale`: PINGs have not been answered
 * - `slow`: more than `maxPending` bytes are pending
 * - `shutdown`: the server is shutting down, or in lame duck mode
 */
export type CloseReason = "auth" | "protocol" | "refused" | "stale" | "slow" | "shutdown";

/** Asks the runtime to close a connection after everything transmitted has been written. */
export interface CloseAction {
  readonly do: "close";
  readonly connection: ConnectionId;
  readonly reason: CloseReason;
  /** What was wrong, for the log. Not sent to the client. */
  readonly detail: string;
}

/**
 * Asks the runtime to check a client's credentials and call `authorized`. No frame is decoded before that: the runtime should
 * stop reading from the connection, as all that is received meanwhile is kept.
 */
export interface AuthorizeAction {
  readonly do: "authorize";
  readonly connection: ConnectionId;
  /** What CONNECT sent, credentials included. */
  readonly options: ConnectInfo;
  /** What INFO asked the client to sign. */
  readonly nonce: string;
}

/** Hands a message to the host program. */
export interface DeliverAction {
  readonly do: "deliver";
  readonly subscription: SubscriptionId;
  readonly message: MessageData;
}

/** Asks the runtime to start TLS, as offered to `opened`, after everything transmitted has been written. */
export interface StartTlsAction {
  readonly do: "start-tls";
  readonly connection: ConnectionId;
}

/**
 * Asks the runtime to hold back a publisher, because its messages wait for a receiver that lags: to stop reading until the
 * receiver is no longer in `lagging`, and for a bounded time (nats-server: 10 ms for each read).
 */
export interface StallAction {
  readonly do: "stall";
  /** The publisher. */
  readonly connection: ConnectionId;
  readonly receiver: ConnectionId;
}

/** What `poll` returns. */
export type Action = CloseAction | AuthorizeAction | DeliverAction | StartTlsAction | StallAction;

/** How a connection uses TLS. INFO announces it. */
export interface TlsOffer {
  /**
   * `required`: the client must start TLS after INFO. `available`: it may, or continue in plain text. `first`: TLS was
   * established before INFO, as for a WebSocket over https.
   */
  readonly when: "required" | "available" | "first";
  /** Whether a client certificate is required. */
  readonly verify: boolean;
}

/** A message that the host program publishes or receives. */
export interface MessageData {
  readonly subject: string;
  readonly reply?: string | undefined;
  /** The encoded header block, as `encodeHeaders` returns it. */
  readonly headers?: Uint8Array | undefined;
  readonly payload: Uint8Array;
}

/** INFO of a server: these fields are always there. */
export type CompleteInfo = ServerInfo &
  Required<Pick<ServerInfo, "server_id" | "server_name" | "version" | "proto" | "host" | "port">>;

/** What there is now, and totals since the server was created. */
export interface ServerStats {
  /** Connections now, unauthorized ones included. */
  readonly connections: number;
  /** Connections that were ever opened, rejected ones included. */
  readonly opened: number;
  /** Subscriptions now, the host program's included. */
  readonly subscriptions: number;
  /** Messages published by clients and the host program, without rejected ones. */
  readonly published: number;
  /** The bytes of their headers and payloads. */
  readonly publishedBytes: number;
  /** Messages delivered: one for each subscription that received it. */
  readonly delivered: number;
  /** The bytes of their headers and payloads. */
  readonly deliveredBytes: number;
  /** Connections closed because more than `maxPending` bytes were pending. */
  readonly slow: number;
}

/** The subscriptions of all accounts since the server was created, and how they were matched with subjects. */
export interface InterestStats {
  /** Subscriptions that were ever added, and removed. */
  readonly inserts: number;
  readonly removes: number;
  /** How often the receivers of a subject were looked up, and how often the cache had them. */
  readonly matches: number;
  readonly hits: number;
  /** For each subject in the cache, how many subscriptions match it. */
  readonly cached: readonly number[];
}

/** The present state of one subscription. */
export interface SubscriptionInfo {
  readonly subject: string;
  readonly queue: string | undefined;
  /** What its client calls it. */
  readonly sid: string;
  /** Messages delivered since SUB. */
  readonly delivered: number;
  /** What UNSUB set; `undefined` for no limit. */
  readonly max: number | undefined;
}

/** The present state of one connection. */
export interface ConnectionInfo {
  readonly id: ConnectionId;
  /** The client's IP address; `undefined` if the transport has none. */
  readonly address: string | undefined;
  /** Whether its CONNECT was accepted. */
  readonly connected: boolean;
  /** Its account, `$G` by default. */
  readonly account: string;
  /** The name of its user: what it was granted, or what CONNECT said; empty if neither has one. */
  readonly user: string;
  /** What CONNECT sent, without its secrets. */
  readonly options: ConnectInfo;
  readonly subscriptions: readonly SubscriptionInfo[];
  /** Messages it published, without rejected ones. */
  readonly published: number;
  /** The bytes of their headers and payloads. */
  readonly publishedBytes: number;
  /** Messages delivered to it. */
  readonly delivered: number;
  /** The bytes of their headers and payloads. */
  readonly deliveredBytes: number;
  /** Bytes for it that have not been released. */
  readonly pending: number;
  /** PINGs that have not been answered. */
  readonly pingsOut: number;
  /** When it was opened, on the server's clock. */
  readonly openedAt: Millis;
  /** When it last sent a frame that is not a PONG, or was written a message. */
  readonly activeAt: Millis;
  /** Milliseconds from INFO to CONNECT, later from the last PING to its PONG; `undefined` before CONNECT. */
  readonly roundTrip: Millis | undefined;
}
