// SPDX-License-Identifier: Apache-2.0
import type { ServerFrame } from "@natswire/codec";
import type { Messages } from "./messages.ts";
import type { PendingOperations } from "./pending-operations.ts";
import type { Rare } from "./rare.ts";
import type { Subscriber } from "./subscriber.ts";

const SHARED = 0;

/** The inboxes on which a session receives replies: a shared one, or one for a single request. */
export class Inboxes {
  readonly #subscriber: Subscriber;
  readonly #pending: PendingOperations;
  readonly #messages: Messages;
  readonly #saw: (state: Rare) => void;
  // The ticket of an inbox by sid; `SHARED` for the shared one.
  readonly #tickets = new Map<number, number>();

  constructor(subscriber: Subscriber, pending: PendingOperations, messages: Messages, saw: (state: Rare) => void) {
    this.#subscriber = subscriber;
    this.#pending = pending;
    this.#messages = messages;
    this.#saw = saw;
  }

  has(sid: number): boolean {
    return this.#tickets.has(sid);
  }

  /** Opens the inbox for a request. */
  open(ticket: number, isAlone: boolean): void {
    if (isAlone) this.#tickets.set(this.#subscriber.nextSid(), ticket);
    else if (![...this.#tickets.values()].includes(SHARED)) this.#tickets.set(this.#subscriber.nextSid(), SHARED);
  }

  /** Closes the inbox of a request. */
  close(ticket: number): void {
    for (const [sid, of] of this.#tickets) if (of === ticket) this.#tickets.delete(sid);
  }

  received({ sid, subject, payload }: ServerFrame & { op: "msg" }): void {
    this.#subscriber.received++;
    const answer = payload.length === 0 ? "no responders" : this.#messages.of(subject, payload).number;
    const inbox = this.#tickets.get(sid)!;
    const ticket = inbox === SHARED ? Number(subject.split(".").at(-1)) : inbox;
    const result = this.#pending.received(ticket, answer);
    if (result === "last") this.close(ticket);
    if (result !== "unmatched") return;
    this.#subscriber.unmatched++;
    this.#saw("lateReply");
  }
}
