// SPDX-License-Identifier: Apache-2.0

/** A connection as the server names it; never used twice. */
export type PeerId = number;

/** Why a connection is hung up. */
export type HangUpReason = "protocol" | "refused" | "stale" | "slow" | "shutdown";

/** What the server asks its runtime for: end this connection once everything transmitted is out. */
export interface HangUp {
  readonly do: "hang-up";
  readonly peer: PeerId;
  readonly why: HangUpReason;
  /** What was wrong, for a log; not what the peer is told. */
  readonly detail: string;
}

/** Everything `poll` returns. */
export type Action = HangUp;
