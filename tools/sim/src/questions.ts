// SPDX-License-Identifier: Apache-2.0
import type { Event } from "@natswire/session";
import { hold } from "./laws.ts";

/** What a reply says: the number of a message, or that nobody listens. */
export type Answer = number | "nobody";

interface Question {
  readonly kind: "request" | "flush" | "drain";
  /** When it must have been answered. */
  readonly by: number;
  /** Replies that are wanted; unbounded where time alone ends it. */
  readonly wanted: number;
  /** Replies that were heard and are to be told. */
  readonly answers: Answer[];
  heard: number;
  isSettled: boolean;
}

/** Requests, flushes and drains that wait for their answer. */
export class Questions {
  readonly #open = new Map<number, Question>();

  get size(): number {
    return this.#open.size;
  }

  ask(ticket: number, kind: Question["kind"], by: number = Number.POSITIVE_INFINITY, wanted = 1): void {
    hold("answered", !this.#open.has(ticket), () => `ticket ${ticket} was used before`);
    this.#open.set(ticket, { kind, by, wanted, answers: [], heard: 0, isSettled: false });
  }

  cancel(ticket: number): void {
    this.#open.delete(ticket);
  }

  /** One that waits for replies. */
  pick(): number | undefined {
    return [...this.#open].find(([, { kind, isSettled }]) => kind === "request" && !isSettled)?.[0];
  }

  kindOf(ticket: number): Question["kind"] | undefined {
    return this.#open.get(ticket)?.kind;
  }

  /** A reply was heard: whether somebody waits for it, and for more of them. */
  heard(ticket: number, answer: Answer): "unmatched" | "more" | "last" {
    const question = this.#open.get(ticket);
    if (question?.kind !== "request" || question.isSettled) return "unmatched";
    question.answers.push(answer);
    question.isSettled = ++question.heard === question.wanted || answer === "nobody";
    return question.isSettled ? "last" : "more";
  }

  /** A reply is told. */
  replied(ticket: number, answer: number): void {
    const question = this.#asked(ticket, "request");
    const wanted = question.answers.shift();
    hold("answered", wanted === answer, () => `ticket ${ticket}: ${answer}, not ${wanted}`);
    if (question.wanted === 1) this.#open.delete(ticket);
  }

  /** It is told that a question is over, and all is well. */
  done(ticket: number, kind: Question["kind"]): void {
    const { answers } = this.#asked(ticket, kind);
    hold("answered", answers.length === 0, () => `ticket ${ticket} is over, and ${answers} was not told`);
    this.#open.delete(ticket);
  }

  /** It is told that a question failed. */
  failed({ ticket, reason }: Event & { event: "failed" }): void {
    const { answers } = this.#asked(ticket);
    const wanted = reason === "NO_RESPONDERS" ? "nobody" : "";
    hold("answered", answers.join() === wanted, () => `ticket ${ticket} failed by ${reason}, and ${answers} was heard`);
    this.#open.delete(ticket);
  }

  /** @param jumped when the clock last jumped: what was due before is asked for behind that */
  checkOverdue(now: number, jumped: number): void {
    for (const [ticket, { by }] of this.#open) {
      hold("answered", by >= now || by < jumped, () => `ticket ${ticket} should have been answered by ${by}`);
    }
  }

  #asked(ticket: number, kind?: Question["kind"]): Question {
    const question = this.#open.get(ticket);
    hold("answered", question !== undefined, () => `ticket ${ticket} was answered before, or never asked`);
    hold("answered", kind === undefined || question!.kind === kind, () => `ticket ${ticket} is no ${kind}`);
    return question!;
  }
}
