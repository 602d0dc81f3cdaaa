// SPDX-License-Identifier: Apache-2.0
import type { Msg, ServerInfo } from "@natswire/codec";
import type { Millis } from "./config.ts";
import type { Denial } from "./denial.ts";
import type { Endpoint } from "./servers/address.ts";
import type { ServersChanged } from "./servers/pool.ts";

/** The sid of a subscription. It is never reused. */
export type SubscriptionId = number;
/** The number of a request, a flush or a drain in progress. It is never reused. */
export type Ticket = number;

/** Credentials, under the names of the CONNECT fields. */
export interface Credentials {
  readonly user?: string | undefined;
  readonly pass?: string | undefined;
  readonly auth_token?: string | undefined;
  readonly jwt?: string | undefined;
  readonly nkey?: string | undefined;
  /** The signature of the nonce. */
  readonly sig?: string | undefined;
}

/** What the runtime must do. */
export type Action =
  /** Call `resolved` with the addresses of the host, or `lost`. Only with `canResolve`. */
  | { readonly do: "resolve"; readonly host: string }
  /**
   * Connect, to the `address` of the endpoint if it has one, then call `opened` or `lost`. With the scheme `tls-first` or `wss`,
   * complete the TLS handshake before `opened`.
   */
  | { readonly do: "dial"; readonly to: Endpoint; readonly timeout: Millis }
  /** Start TLS, then call `secured` or `lost`. */
  | { readonly do: "start-tls"; readonly serverName: string }
  /** Call `signed` with the credentials, or `lost` if they are not available. */
  | { readonly do: "sign"; readonly nonce: string | undefined; readonly to: Endpoint }
  /** Read nothing until `resume`: a subscription with `overflow: "pause"` is full. */
  | { readonly do: "pause" }
  | { readonly do: "resume" }
  /** Close the connection, after writing what was transmitted if `flushed`. Report nothing more of it. */
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
  | "FULL"
  | "CLOSED";

/**
 * The outcome of `publish`. `accepted` and `full`: the message is sent or buffered; after `full`, wait for the event `ready`.
 * `refused` and `dropped`: the message is not sent.
 */
export type Outcome = "accepted" | "full" | "refused" | "dropped";

/** Why a connection, an attempt, a subscription or an operation ended. */
export interface Failure {
  readonly reason: Reason;
  readonly detail: string;
  /** What the server does not permit or refuses, if that is why. */
  readonly denial?: Denial | undefined;
}

/** The counts of a subscription. */
export interface SubscriptionCounts {
  /** Messages received since it began, dropped ones included. */
  readonly received: number;
  /** Messages dropped because too many waited. */
  readonly dropped: number;
}

/** A message from the server. */
export interface MessageData {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly headers: Uint8Array | undefined;
  /** A view of the chunk that was given to `received`. */
  readonly payload: Uint8Array;
  /** Which of subject and reply contains bytes that no subject should have. Servers relay such messages. */
  readonly flaw: Msg["flaw"];
}

/** What happened, for the application. */
export type Event =
  /** The handshake is complete. `again`: it is not the first connection. */
  | { readonly event: "connected"; readonly to: Endpoint; readonly info: ServerInfo; readonly again: boolean }
  | ({ readonly event: "disconnected" } & Failure)
  /**
   * An attempt begins. `attempt` counts from 1 since the last connection; each address of a name is one attempt. `failure` is why
   * the attempt before it failed, or why the connection was lost.
   */
  | {
      readonly event: "connecting";
      readonly to: Endpoint;
      readonly attempt: number;
      readonly failure: Failure | undefined;
    }
  /** The next attempt begins after this many milliseconds. Reason and detail are those of the last failure. */
  | ({ readonly event: "reconnecting"; readonly after: Millis } & Failure)
  /** The server named new servers of its cluster, or left some out. */
  | { readonly event: "update"; readonly servers: ServersChanged }
  /** The server is going to shut down. */
  | { readonly event: "lame-duck" }
  /** An `-ERR` that leaves the connection open, or a hook that threw. `about`: the operation, if the server is `verbose`. */
  | ({ readonly event: "error"; readonly about?: string | undefined } & Failure)
  | { readonly event: "message"; readonly to: SubscriptionId; readonly message: MessageData }
  /** Remove the oldest messages from the queue of the subscription (`overflow: "drop-oldest"`). */
  | { readonly event: "forget"; readonly of: SubscriptionId; readonly messages: number }
  /** The number of dropped messages since the last such event of the subscription. */
  | { readonly event: "dropped"; readonly of: SubscriptionId; readonly messages: number }
  /** The subscription has ended. `failure` is `undefined` if it ended as expected. */
  | {
      readonly event: "unsubscribed";
      readonly of: SubscriptionId;
      readonly failure: Failure | undefined;
      /** The final counts. */
      readonly counts: SubscriptionCounts;
    }
  /** A reply to a request. `caller` is what the application gave with the operation, here and below. */
  | { readonly event: "reply"; readonly ticket: Ticket; readonly caller: unknown; readonly message: MessageData }
  /** A request for many replies is complete. */
  | { readonly event: "answered"; readonly ticket: Ticket; readonly caller: unknown }
  /** A request, a flush or a drain failed. */
  | ({ readonly event: "failed"; readonly ticket: Ticket; readonly caller: unknown } & Failure)
  | { readonly event: "flushed"; readonly ticket: Ticket; readonly caller: unknown }
  /** The drained subscriptions have ended, and all their messages were delivered. */
  | { readonly event: "drained"; readonly ticket: Ticket; readonly caller: unknown }
  /** After `full` or `refused`: half of `maxPending` or less is waiting. */
  | { readonly event: "ready" }
  /** The session is closed. Only operations that are started later have events after it. */
  | ({ readonly event: "closed" } & Failure);

/**
 * Counts since the session began, over all its connections.
 *
 * `published` is always the sum of `confirmed`, `inFlight`, `buffered`, `unknown` and `dropped`.
 */
export interface ConnectionStats {
  /** Messages that the application published. */
  readonly published: number;
  /** Messages that the server has read: a PONG followed them. */
  readonly confirmed: number;
  /** Messages sent on the current connection and not confirmed yet. */
  readonly inFlight: number;
  /** Messages that wait for a connection. */
  readonly buffered: number;
  /** Messages on a connection that ended before they were confirmed. They may have arrived. */
  readonly unknown: number;
  /** Messages that were never sent. */
  readonly dropped: number;
  /** Messages received for subscriptions and requests. */
  readonly received: number;
  /** Messages received for no subscription, or no pending request. */
  readonly unmatched: number;
  /** Bytes that `transmit` returned. Those of a lost connection may not have been written. */
  readonly bytesSent: number;
  /** Bytes that were given to `received`. */
  readonly bytesReceived: number;
  /** Connections after the first. */
  readonly reconnects: number;
  /** Errors that left the connection open. At most 100 a second are reported as events. */
  readonly errors: number;
  /** PONGs without a PING. */
  readonly unexpectedPongs: number;
}
