// SPDX-License-Identifier: Apache-2.0

/**
 * The phase of a connection. Each decides which frames are accepted and which may be sent.
 *
 * - `unauthenticated`: credentials are required, and only CONNECT is accepted.
 * - `open`: credentials are not required, and CONNECT has not been received. Every frame is accepted.
 * - `authorizing`: CONNECT has been received. What follows it is kept until the grant is known.
 * - `connected`: CONNECT has been accepted. Only the initial INFO has been sent: a client expects no other before its first
 *   PONG.
 * - `ready`: the first PING has been answered. A client of protocol 1 may receive INFO at any time.
 * - `closing`: nothing more is read or queued. What is queued is still transmitted.
 */
export type Phase = "unauthenticated" | "open" | "authorizing" | "connected" | "ready" | "closing";

/** What moves a connection to its next phase: CONNECT received, CONNECT accepted, PONG sent, or a close. */
export type PhaseEvent = "connect" | "accept" | "pong" | "close";

// An event without an entry is not valid in that phase.
const transitions: Readonly<Record<Phase, Readonly<Partial<Record<PhaseEvent, Phase>>>>> = {
  unauthenticated: { connect: "authorizing", close: "closing" },
  open: { connect: "authorizing", close: "closing" },
  authorizing: { accept: "connected", close: "closing" },
  connected: { pong: "ready", close: "closing" },
  ready: { close: "closing" },
  closing: {},
};

/** Returns the phase that follows, or `undefined` if the event is not valid in this phase. */
export function nextPhase(phase: Phase, event: PhaseEvent): Phase | undefined {
  return transitions[phase][event];
}
