// SPDX-License-Identifier: Apache-2.0
import type { ServerFrame } from "@natswire/codec";
import { hold } from "./laws.ts";
import type { Messages, PublishedMessage } from "./messages.ts";
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
  // The ticket of a request by its message, and by the reply subject that the message was sent with.
  readonly #asked = new Map<PublishedMessage, number>();
  readonly #byReply = new Map<string, number>();

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
  open(ticket: number, message: PublishedMessage, isAlone: boolean): void {
    this.#asked.set(message, ticket);
    if (isAlone) this.#tickets.set(this.#subscriber.nextSid(), ticket);
    else if (![...this.#tickets.values()].includes(SHARED)) this.#tickets.set(this.#subscriber.nextSid(), SHARED);
  }

  /** Records the reply subject of a request. */
  sent(message: PublishedMessage, reply: string | undefined): void {
    const ticket = this.#asked.get(message);
    if (ticket === undefined || reply === undefined) return;
    hold("unpredictable", !this.#byReply.has(reply), () => `${reply} was used before`);
    this.#byReply.set(reply, ticket);
  }

  /** Closes the inbox of a request. If it was not sent yet, it must never be sent. */
  close(ticket: number): void {
    for (const [message, of] of this.#asked) {
      if (of !== ticket) continue;
      if (!message.isSent) message.isGivenUp = true;
      this.#asked.delete(message);
    }
    for (const [sid, of] of this.#tickets) if (of === ticket) this.#tickets.delete(sid);
  }

  received({ sid, subject, payload }: ServerFrame & { op: "msg" }): void {
    this.#subscriber.received++;
    const answer = payload.length === 0 ? "no responders" : this.#messages.of(subject, payload).number;
    const inbox = this.#tickets.get(sid)!;
    const ticket = inbox === SHARED ? (this.#byReply.get(subject) ?? SHARED) : inbox;
    const result = this.#pending.received(ticket, answer);
    if (result === "last") this.close(ticket);
    if (result !== "unmatched") return;
    this.#subscriber.unmatched++;
    this.#saw("lateReply");
  }
}
