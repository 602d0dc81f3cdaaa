// SPDX-License-Identifier: Apache-2.0
import type { ServerFrame } from "@natswire/codec";
import type { Ledger } from "./ledger.ts";
import type { Questions } from "./questions.ts";
import type { Rare } from "./rare.ts";
import type { Subscriber } from "./subscriber.ts";

const COMMON = 0;

/** Where a session hears replies: one inbox for all requests, or one for a request alone. */
export class Inboxes {
  readonly #subscriber: Subscriber;
  readonly #questions: Questions;
  readonly #ledger: Ledger;
  readonly #saw: (state: Rare) => void;
  // By sid, whose replies come there.
  readonly #tickets = new Map<number, number>();

  constructor(subscriber: Subscriber, questions: Questions, ledger: Ledger, saw: (state: Rare) => void) {
    this.#subscriber = subscriber;
    this.#questions = questions;
    this.#ledger = ledger;
    this.#saw = saw;
  }

  has(sid: number): boolean {
    return this.#tickets.has(sid);
  }

  /** A request is made. */
  open(ticket: number, isAlone: boolean): void {
    if (isAlone) this.#tickets.set(this.#subscriber.nextSid(), ticket);
    else if (![...this.#tickets.values()].includes(COMMON)) this.#tickets.set(this.#subscriber.nextSid(), COMMON);
  }

  /** A request has had its replies. */
  close(ticket: number): void {
    for (const [sid, of] of this.#tickets) if (of === ticket) this.#tickets.delete(sid);
  }

  heard({ sid, subject, payload }: ServerFrame & { op: "msg" }): void {
    this.#subscriber.received++;
    const answer = payload.length === 0 ? "nobody" : this.#ledger.of(subject, payload).number;
    const inbox = this.#tickets.get(sid)!;
    const ticket = inbox === COMMON ? Number(subject.split(".").at(-1)) : inbox;
    const heard = this.#questions.heard(ticket, answer);
    if (heard === "last") this.close(ticket);
    if (heard !== "unmatched") return;
    this.#subscriber.unmatched++;
    this.#saw("lateReply");
  }
}
