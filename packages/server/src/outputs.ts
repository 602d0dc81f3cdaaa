// SPDX-License-Identifier: Apache-2.0
import type { ConnectOptions } from "@natswire/codec";

/** A connection as the server names it; never used twice. */
export type PeerId = number;

/** Why a connection is hung up. */
export type HangUpReason = "auth" | "protocol" | "refused" | "stale" | "slow" | "shutdown";

/** What the server asks its runtime for: end this connection once everything transmitted is out. */
export interface HangUp {
  readonly do: "hang-up";
  readonly peer: PeerId;
  readonly why: HangUpReason;
  /** What was wrong, for a log; not what the peer is told. */
  readonly detail: string;
}

/** Or to look at a client's credentials and call `authorized`; until then nothing more is read from it. */
export interface Ask {
  readonly do: "authorize";
  readonly peer: PeerId;
  readonly options: ConnectOptions;
  /** What INFO asked to be signed. */
  readonly nonce: string;
}

/** Everything `poll` returns. */
export type Action = HangUp | Ask;

/** Counts since the server began. */
export interface ServerStats {
  readonly connections: number;
  readonly subscriptions: number;
  /** Messages published, refused ones not counted. */
  readonly received: number;
  /** Copies delivered. */
  readonly delivered: number;
  /** Connections cut off because too much was waiting for them. */
  readonly slow: number;
}
