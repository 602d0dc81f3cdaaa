// SPDX-License-Identifier: Apache-2.0

/** What must always hold. Each law is checked at every step that could break it, or at the end. */
export const laws = {
  received: "A received message was published, on that subject, with these bytes, and was not refused.",
  once: "A message is sent once, to one server, and reaches a subscription at most once.",
  order: "Messages from one connection of a publisher arrive on one connection in the order of publishing.",
  relay: "A server delivers each accepted message to every subscription, and to one of each queue group.",
  delivered: "Each message for a subscription is delivered in order, or dropped because the subscription is full.",
  counted: "Every dropped message is reported; `received` and `unmatched` count all that arrived.",
  accounting: "published = confirmed + inFlight + buffered + unknown + dropped; all counts and bytes are right.",
  confirmed: "A PONG confirms what was published before its PING, and the server has received that.",
  answered: "Every request and flush ends once, with its own answer, no later than its timeout.",
  unpredictable: "No two requests of a session have the same reply subject.",
  givenUp: "A request that its caller gave up before it was sent is never sent.",
  denied: "A subscription or request that the server denies ends with PERMISSION at once, and no other does.",
  flushed: "After `flushed` the server has received everything published before.",
  settled:
    "A drain resolves after all callbacks have settled and requests have ended, or rejects at its timeout; it closes the connection.",
  concurrency: "No more callbacks of a subscription run at once than its `concurrency`.",
  draining:
    "While a connection drains, publishing and requests of its callbacks pass, and new subscriptions are refused.",
  rejected: "What a callback throws or rejects with is reported once, and stops nothing.",
  drained: "After `drained` the drained subscriptions have ended, and no others.",
  ended: "The end of a subscription is reported once, and no message follows it.",
  closed: "`closed` is the last event, and is emitted once.",
  progress: "A session that is not closed has a connection, an attempt, or a time for the next attempt.",
  silent: "A connection that leaves too many PINGs unanswered is closed, unless reading is paused.",
  busy: "After `elapsed` at the deadline, the next deadline is in the future.",
  dials: "Only configured or discovered servers are dialled, and none that rejected the credentials twice.",
  backoff: "The first retry is immediate; later waits stay below a limit that doubles up to a maximum.",
  gaveUp: "A session that was not closed gives up only if no server is left to try.",
  handshake: "Before the first PONG a session sends only CONNECT, PING and PONG.",
  same: "If nothing is in flight, session and server have the same subscriptions with the same limits.",
  reading: "`pause` and `resume` alternate, and no connection stays paused.",
  ready: "After `full` there is a `ready` as soon as there is room again.",
  borrowed: "Transmitted bytes do not change until they are released.",
  connected: "After the last fault, every session that is not closed connects to a working server.",
  fresh: "A message published then reaches every subscription it is for, once.",
  cleanup: "After all sessions have closed, no connection, subscription, deadline or output is left.",
  replay: "The same seed leaves the same trace.",
} as const;

export type Law = keyof typeof laws;

/** Thrown if a law does not hold. */
export class Broken extends Error {
  readonly law: Law;

  constructor(law: Law, detail: string) {
    super(detail);
    this.law = law;
  }
}

/** Checks a law. @throws Broken if it does not hold */
export function hold(law: Law, holds: boolean, detail: () => string): void {
  if (!holds) throw new Broken(law, detail());
}
