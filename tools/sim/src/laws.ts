// SPDX-License-Identifier: Apache-2.0

/** What must hold whatever happens; each is checked at every step at which it could break, or at the end. */
export const laws = {
  heard: "What arrives was published, on that subject, with these bytes, by somebody who was not refused.",
  once: "A message is said once, to one server, and reaches a subscription at most once.",
  order: "On one connection, what one publisher said on one connection arrives in the order in which it was published.",
  relay: "What a server takes goes to everybody who subscribed there, and to one of each queue group.",
  told: "What a connection brings for a subscription is told, in order, or dropped because the subscription is full.",
  counted:
    "Every message that is dropped on its way in is reported as dropped; received and unmatched are what arrived.",
  books:
    "published = confirmed + inFlight + buffered + unknown + dropped, and is what the program published. Bytes are what was transmitted and received.",
  confirmed: "A PONG confirms what was published before its PING, and the server has read that.",
  answered: "Every request and every flush is answered once, with what belongs to it, and no later than its timeout.",
  flushed: "`flushed` means that the server has read all that was published before.",
  drained: "After `drained` nothing comes for the subscriptions there were, and only they have ended.",
  ended: "A subscription that ends is told so once, and nothing comes for it behind that.",
  closed: "`closed` is the last event, and comes once.",
  wayOn: "A session that is not closed has a connection, an attempt, or a time for the next one.",
  silent: "A connection that is read from and has not answered for too many PINGs is given up.",
  busy: "After `elapsed` at the deadline, the deadline lies in the future: nobody runs in circles.",
  dials: "Only servers that were configured or announced are dialled, and none that refused the credentials twice.",
  backoff: "The first wait is none, and no later one is longer than its limit, which doubles up to a cap.",
  gaveUp: "A session that was not closed gives up only where nothing is left to try.",
  handshake: "Before the first PONG a session says CONNECT and PING and nothing else.",
  same: "Where nothing is under way, session and server know the same subscriptions and how many messages each has left.",
  reading: "`pause` and `resume` alternate, and no session is paused for ever.",
  ready: "After a `full` outcome, `ready` follows when there is room again.",
  lent: "Bytes that were transmitted stay as they are until they are released.",
  alive: "When all trouble is over, every session that is not closed is connected to a server that hears it.",
  fresh: "A message published then reaches everybody it is for, once.",
  rest: "When everybody has closed, nothing is left: no peer, no subscription, no deadline, nothing on the way.",
  replay: "The same seed leaves the same trace.",
} as const;

export type Law = keyof typeof laws;

/** A law did not hold. */
export class Broken extends Error {
  readonly law: Law;

  constructor(law: Law, detail: string) {
    super(detail);
    this.law = law;
  }
}

/** @throws Broken where it does not hold */
export function hold(law: Law, holds: boolean, detail: () => string): void {
  if (!holds) throw new Broken(law, detail());
}
