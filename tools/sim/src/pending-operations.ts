// SPDX-License-Identifier: Apache-2.0
import type { Event } from "@natswire/session";
import { hold } from "./laws.ts";

/** A reply: the number of a message, or a 503 (no responders). */
export type Answer = number | "no responders";

interface PendingOperation {
  readonly kind: "request" | "flush" | "drain";
  /** The subject of a request. */
  readonly subject: string;
  /** The time by which it must have ended. */
  readonly by: number;
  /** The number of replies that end it; infinite if only the timeout does. */
  readonly wanted: number;
  /** Replies that arrived and were not delivered yet. */
  readonly answers: Answer[];
  received: number;
  isSettled: boolean;
}

/** Requests, flushes and drains in progress. */
export class PendingOperations {
  readonly #open = new Map<number, PendingOperation>();
  // Requests that the server has denied and that have not failed yet.
  #denied = 0;

  get size(): number {
    return this.#open.size;
  }

  add(ticket: number, kind: "flush" | "drain"): void {
    this.#add(ticket, { kind, subject: "", by: Number.POSITIVE_INFINITY, wanted: 1 });
  }

  /** Adds a request. */
  ask(ticket: number, subject: string, by: number, wanted: number): void {
    this.#add(ticket, { kind: "request", subject, by, wanted });
  }

  /** Models an error of the server: one of the requests with this subject must fail. Returns whether there is one. */
  denied(subject: string): boolean {
    const waiting = [...this.#open.values()].filter((one) => one.subject === subject && !one.isSettled).length;
    if (waiting === this.#denied) return false;
    this.#denied++;
    return true;
  }

  /** Checks that every denied request has failed. */
  checkDenied(): void {
    hold("denied", this.#denied === 0, () => `${this.#denied} requests have not failed`);
  }

  cancel(ticket: number): void {
    this.#open.delete(ticket);
  }

  /** Returns a request that waits for replies. */
  pick(): number | undefined {
    return [...this.#open].find(([, { kind, isSettled }]) => kind === "request" && !isSettled)?.[0];
  }

  kindOf(ticket: number): PendingOperation["kind"] | undefined {
    return this.#open.get(ticket)?.kind;
  }

  /** Records a reply. Returns whether a request waits for it, and whether it was the last one. */
  received(ticket: number, answer: Answer): "unmatched" | "more" | "last" {
    const operation = this.#open.get(ticket);
    if (operation?.kind !== "request" || operation.isSettled) return "unmatched";
    operation.answers.push(answer);
    operation.isSettled = ++operation.received === operation.wanted || answer === "no responders";
    return operation.isSettled ? "last" : "more";
  }

  /** Checks a delivered reply. */
  replied(ticket: number, answer: number): void {
    const operation = this.#asked(ticket, "request");
    const wanted = operation.answers.shift();
    hold("answered", wanted === answer, () => `ticket ${ticket}: ${answer}, not ${wanted}`);
    if (operation.wanted === 1) this.#open.delete(ticket);
  }

  /** Checks the successful end of an operation. */
  done(ticket: number, kind: PendingOperation["kind"]): void {
    const { answers } = this.#asked(ticket, kind);
    hold("answered", answers.length === 0, () => `ticket ${ticket} has ended, but ${answers} was not delivered`);
    this.#open.delete(ticket);
  }

  /** Checks the failure of an operation. */
  failed({ ticket, reason }: Event & { event: "failed" }): void {
    const { answers } = this.#asked(ticket);
    hold("denied", reason !== "PERMISSION" || this.#denied-- > 0, () => `ticket ${ticket} was not denied`);
    const wanted = reason === "NO_RESPONDERS" ? "no responders" : "";
    hold(
      "answered",
      answers.join() === wanted,
      () => `ticket ${ticket} failed with ${reason}, but ${answers} had arrived`,
    );
    this.#open.delete(ticket);
  }

  /** @param jumped when the clock last jumped: an operation that was due before ends after that */
  checkOverdue(now: number, jumped: number): void {
    for (const [ticket, { by }] of this.#open) {
      hold("answered", by >= now || by < jumped, () => `ticket ${ticket} should have been answered by ${by}`);
    }
  }

  #add(ticket: number, operation: Pick<PendingOperation, "kind" | "subject" | "by" | "wanted">): void {
    hold("answered", !this.#open.has(ticket), () => `ticket ${ticket} was used before`);
    this.#open.set(ticket, { ...operation, answers: [], received: 0, isSettled: false });
  }

  #asked(ticket: number, kind?: PendingOperation["kind"]): PendingOperation {
    const operation = this.#open.get(ticket);
    hold("answered", operation !== undefined, () => `ticket ${ticket} has ended before, or never began`);
    hold("answered", kind === undefined || operation!.kind === kind, () => `ticket ${ticket} is not a ${kind}`);
    return operation!;
  }
}
