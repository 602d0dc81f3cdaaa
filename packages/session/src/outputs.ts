// SPDX-License-Identifier: Apache-2.0
import type { Msg, ServerInfo } from "@natswire/codec";
import type { Millis } from "./config.ts";
import type { Endpoint } from "./servers/address.ts";
import type { ServersChanged } from "./servers/pool.ts";

/** A subscription as the session names it: its sid, never used twice. */
export type SubscriptionId = number;
/** A request, a flush, a drain: never used twice. */
export type Ticket = number;

/** What credentials answer a server's INFO with, under CONNECT's own names. */
export interface Credentials {
  readonly user?: string | undefined;
  readonly pass?: string | undefined;
  readonly auth_token?: string | undefined;
  readonly jwt?: string | undefined;
  readonly nkey?: string | undefined;
  readonly sig?: string | undefined;
}

/** What the session asks its runtime for. */
export type Action =
  /** Connect there, then say `opened`, or `lost`; TLS first where the scheme says so. */
  | { readonly do: "dial"; readonly to: Endpoint; readonly timeout: Millis }
  /** Go on in TLS, then say `secured`, or `lost`. */
  | { readonly do: "start-tls"; readonly serverName: string }
  /** Say `signed` with what CONNECT is to carry, or `lost` where there is nothing. */
  | { readonly do: "sign"; readonly nonce: string | undefined; readonly to: Endpoint }
  /** Read nothing until `read-on`: somebody does not keep up. */
  | { readonly do: "pause" }
  | { readonly do: "resume" }
  /** End this connection, after what was transmitted where it is `flushed`; nothing of it is to be reported any more. */
  | { readonly do: "close"; readonly flushed: boolean };

/** Why something failed or ended. */
export type Reason =
  | "TIMEOUT"
  | "NO_RESPONDERS"
  | "PERMISSION"
  | "AUTH"
  | "STALE"
  | "TLS"
  | "PROTOCOL"
  | "REFUSED"
  | "LOST"
  | "SLOW"
  | "CLOSED";

/** What became of a message: `crowded` is accepted, and asks to wait for `ready`; `refused` and `dropped` are not sent. */
export type Outcome = "accepted" | "full" | "refused" | "dropped";

/** A message as it came. */
export interface MessageData {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly headers: Uint8Array | undefined;
  /** Borrowed from the chunk it came in. */
  readonly payload: Uint8Array;
  /** Which of its names has bytes that no name should have; a server relays them. */
  readonly flaw: Msg["flaw"];
}

/** What the session tells. */
export type Event =
  | { readonly event: "connected"; readonly to: Endpoint; readonly info: ServerInfo; readonly again: boolean }
  | { readonly event: "disconnected"; readonly reason: Reason; readonly detail: string }
  /** With why the last connection, or the last attempt at one, came to nothing. */
  | { readonly event: "reconnecting"; readonly after: Millis; readonly reason: Reason; readonly detail: string }
  | { readonly event: "update"; readonly servers: ServersChanged }
  | { readonly event: "lame-duck" }
  /** An `-ERR` that ends nothing, or a hook that threw; where the server is `verbose`, with the operation it refused. */
  | { readonly event: "error"; readonly reason: Reason; readonly detail: string; readonly about?: string | undefined }
  | { readonly event: "message"; readonly to: SubscriptionId; readonly message: MessageData }
  /** Of the messages that were told and wait to be consumed, forget the oldest. */
  | { readonly event: "forget"; readonly of: SubscriptionId; readonly messages: number }
  /** So many messages of a subscription are dropped since it was last said. */
  | { readonly event: "dropped"; readonly of: SubscriptionId; readonly messages: number }
  | { readonly event: "unsubscribed"; readonly of: SubscriptionId; readonly reason: Reason | undefined }
  | { readonly event: "reply"; readonly ticket: Ticket; readonly message: MessageData }
  /** All the replies have come that a request for many wanted, or had time for. */
  | { readonly event: "answered"; readonly ticket: Ticket }
  | { readonly event: "failed"; readonly ticket: Ticket; readonly reason: Reason; readonly detail: string }
  | { readonly event: "flushed"; readonly ticket: Ticket }
  /** No message comes any more for the subscriptions there were when `drain` was called. */
  | { readonly event: "drained"; readonly ticket: Ticket }
  /** Waiting bytes fell below half of what may wait. */
  | { readonly event: "ready" }
  /** The last event. */
  | { readonly event: "closed"; readonly reason: Reason; readonly detail: string };

/** Messages and connections, counted since the session began; `published` is the sum of the five below it. */
export interface ConnectionStats {
  /** All that the program published. */
  readonly published: number;
  /** A PONG that came behind them says that the server has them. */
  readonly confirmed: number;
  /** Handed to the connection there is, and not confirmed yet. */
  readonly inFlight: number;
  /** Waiting for a connection. */
  readonly buffered: number;
  /** On a connection that was lost or closed before they were confirmed: they may have arrived. */
  readonly unknown: number;
  /** Never sent. */
  readonly dropped: number;
  /** Messages that came. */
  readonly received: number;
  /** For subscriptions nobody has any more. */
  readonly unmatched: number;
  /** Connections, but for the first. */
  readonly reconnects: number;
  /** Errors of servers that ended nothing; of more than 100 in a second the first 100 are told. */
  readonly errors: number;
  /** PONGs that nobody asked for. */
  readonly unexpectedPongs: number;
}
