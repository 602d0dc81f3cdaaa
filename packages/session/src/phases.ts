// SPDX-License-Identifier: Apache-2.0
import type { ServerFrame } from "@natswire/codec";
import type { Reason } from "./outputs.ts";

/**
 * How far a session has come.
 *
 * ```text
 * [resolving ->] dialing -> greeting -> [securing ->] [signing ->] connecting -> ready
 * ```
 *
 * Those in brackets are skipped if there is no name to resolve, no TLS to start, or no credentials to wait for. A connection that
 * fails in any of them leads to `waiting`, and from there to the first phase again. `closed` can follow each of them; nothing
 * follows it.
 */
export type Phase = LinkPhase | "waiting" | "closed";

/** How far one connection has come. */
export type LinkPhase = "resolving" | "dialing" | "greeting" | "securing" | "signing" | "connecting" | "ready";

/** What can happen to a connection: calls of the runtime, and frames from the server. */
export type Input = "resolved" | "opened" | "received" | "secured" | "signed" | ServerFrame["op"];

/** What a phase does with each input. An input that is not listed is ignored. */
export type PhaseRules = {
  /** `reject`: the server violated the protocol, and the connection fails. */
  readonly [input in Input]?: "handle" | "reject";
} & {
  /** Why a connection failed that ended in this phase. Without one there is no connection to lose. */
  readonly lost?: Reason;
  /** What did not come, if the time for the attempt is over in this phase. */
  readonly awaited?: string;
};

// A server knows no subscription before CONNECT, and before TLS anybody on the way could have sent the frame.
const handshake = {
  info: "handle",
  err: "handle",
  ping: "handle",
  pong: "handle",
  ok: "handle",
  msg: "reject",
} as const;

/** The table of phases: what each of them does with each input. */
export const phases: Readonly<Record<Phase, PhaseRules>> = {
  waiting: {},
  resolving: { resolved: "handle", lost: "REFUSED", awaited: "address" },
  dialing: { opened: "handle", lost: "REFUSED", awaited: "connection" },
  greeting: {
    received: "handle",
    info: "handle",
    err: "handle",
    ping: "reject",
    pong: "reject",
    ok: "reject",
    msg: "reject",
    lost: "LOST",
    awaited: "INFO",
  },
  securing: { received: "reject", secured: "handle", lost: "TLS", awaited: "TLS handshake" },
  signing: { received: "handle", signed: "handle", ...handshake, lost: "LOST", awaited: "credentials" },
  connecting: { received: "handle", ...handshake, lost: "LOST", awaited: "PONG" },
  ready: { received: "handle", ...handshake, msg: "handle", lost: "LOST" },
  closed: {},
};
