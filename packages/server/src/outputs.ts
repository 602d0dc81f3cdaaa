// SPDX-License-Identifier: Apache-2.0
import type { ConnectInfo } from "@natswire/codec";

/** A connection as the server names it; never used twice. */
export type ConnectionId = number;

/** A subscription of the program the server runs in; never used twice. */
export type SubscriptionId = number;

/** Why a connection is hung up. */
export type CloseReason = "auth" | "protocol" | "refused" | "stale" | "slow" | "shutdown";

/** What the server asks its runtime for: end this connection once everything transmitted is out. */
export interface CloseAction {
  readonly do: "close";
  readonly connection: ConnectionId;
  readonly reason: CloseReason;
  /** What was wrong, for a log; not what the peer is told. */
  readonly detail: string;
}

/** Or to look at a client's credentials and call `authorized`; until then nothing more is read from it. */
export interface AuthorizeAction {
  readonly do: "authorize";
  readonly connection: ConnectionId;
  readonly options: ConnectInfo;
  /** What INFO asked to be signed. */
  readonly nonce: string;
}

/** Or to hand a message to the program. */
export interface DeliverAction {
  readonly do: "deliver";
  readonly subscription: SubscriptionId;
  readonly message: MessageData;
}

/** Or to go on in TLS behind what is transmitted, in the way that was offered. */
export interface StartTlsAction {
  readonly do: "start-tls";
  readonly connection: ConnectionId;
}

/** Everything `poll` returns. */
export type Action = CloseAction | AuthorizeAction | DeliverAction | StartTlsAction;

/** How a connection comes to speak TLS, as INFO tells it. */
export interface TlsOffer {
  /**
   * `required`: the client begins TLS behind INFO. `available`: it may, or go on in plain text. `first`: TLS was there
   * before INFO, as in a WebSocket over https.
   */
  readonly when: "required" | "available" | "first";
  /** A client certificate is asked for. */
  readonly verify: boolean;
}

/** A message as the program publishes and receives it. */
export interface MessageData {
  readonly subject: string;
  readonly reply?: string | undefined;
  /** The raw block, as `encodeHeaders` makes it. */
  readonly headers?: Uint8Array | undefined;
  readonly payload: Uint8Array;
}

/** How many there are, and counts since the server began. */
export interface ServerStats {
  /** Connections there are now, let in or not yet. */
  readonly connections: number;
  /** Subscriptions there are now, the program's own included. */
  readonly subscriptions: number;
  /** Messages published, refused ones not counted. */
  readonly published: number;
  /** Copies delivered. */
  readonly delivered: number;
  /** Connections cut off because too much was waiting for them. */
  readonly slow: number;
}

/** One connection as it is now. */
export interface ConnectionInfo {
  readonly id: ConnectionId;
  /** Its CONNECT was accepted. */
  readonly connected: boolean;
  /** What its CONNECT said, credentials left out. */
  readonly options: ConnectInfo;
  readonly subscriptions: readonly {
    readonly subject: string;
    readonly queue: string | undefined;
    readonly sid: string;
    readonly delivered: number;
    readonly max: number | undefined;
  }[];
  /** Messages it published, refused ones not counted. */
  readonly published: number;
  /** Messages it was sent. */
  readonly delivered: number;
  /** Bytes it was sent and may not have read yet. */
  readonly pending: number;
  /** PINGs it has not answered. */
  readonly pingsOut: number;
}
