// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "./config.ts";
import type { Ticket } from "./outputs.ts";

const INBOX_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const ZERO = 0x30;
// Digits that a number holds exactly.
const MAX_TICKET_DIGITS = 15;

/** When a request for many replies has them all; its time is over in any case. */
export interface Many {
  /** Behind so many of them. */
  readonly maxMessages?: number | undefined;
  /** Behind so many milliseconds without one, once there was a first. */
  readonly stall?: Millis | undefined;
  /** Behind an empty one. */
  readonly sentinel?: boolean | undefined;
}

interface PendingRequest {
  readonly timeout: Millis;
  readonly many: Many | undefined;
  replies: number;
}

/** What a reply is to whoever waits for it: the only one that was wanted, or one of many. */
export type Settled = "unmatched" | "only" | "more" | "last";

/**
 * Requests that wait for their replies: one inbox for all of them, and a number behind it for each.
 *
 * Of one timeout the oldest is always the first that is due, so that a list for each timeout there is needs no sorting.
 */
export class Requests {
  /** What all replies are sent to. */
  readonly pattern: string;
  readonly #prefix: string;
  readonly #ownPrefix: string;
  readonly #pending = new Map<Ticket, PendingRequest>();
  readonly #byTimeout = new Map<Millis, Map<Ticket, Millis>>();

  /** @param random 16 of its bytes, 96 bits, make an inbox that nobody can guess (RELIABILITY S14) */
  constructor(inboxPrefix: string, random: (into: Uint8Array) => void) {
    const bytes = new Uint8Array(16);
    random(bytes);
    const token = Array.from(bytes, (byte) => INBOX_ALPHABET[byte & 63]).join("");
    this.#prefix = `${inboxPrefix}.${token}.`;
    // One token more, so that the common inbox does not hear of it.
    this.#ownPrefix = `${inboxPrefix}.${token}.own.`;
    this.pattern = `${this.#prefix}*`;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** When the next one has waited long enough. */
  get deadline(): Millis | undefined {
    let first: Millis | undefined;
    for (const list of this.#byTimeout.values()) {
      for (const by of list.values()) {
        if (first === undefined || by < first) first = by;
        break;
      }
    }
    return first;
  }

  /** Where the reply to a request is to go. */
  replyTo(ticket: Ticket, isOwn = false): string {
    return (isOwn ? this.#ownPrefix : this.#prefix) + ticket;
  }

  /** Whose reply is sent there, by what it says of itself alone. */
  ticketOf(subject: string): Ticket {
    const start = this.#prefix.length;
    if (!subject.startsWith(this.#prefix) || subject.length > start + MAX_TICKET_DIGITS) return 0;
    let ticket = 0;
    for (let i = start; i < subject.length; i++) {
      const digit = subject.charCodeAt(i) - ZERO;
      // A ticket is written in one way only, and none begins with a zero.
      if (digit < 0 || digit > 9 || (digit === 0 && ticket === 0)) return 0;
      ticket = 10 * ticket + digit;
    }
    return ticket;
  }

  add(ticket: Ticket, timeout: Millis, now: Millis, many?: Many): void {
    this.#pending.set(ticket, { timeout, many, replies: 0 });
    this.#arm(ticket, timeout, now);
  }

  /** A reply came; to nobody where all came before. */
  settle(ticket: Ticket, isEmpty: boolean, now: Millis): Settled {
    const waiting = this.#pending.get(ticket);
    if (waiting === undefined) return "unmatched";
    const { many, timeout } = waiting;
    waiting.replies++;
    if (many === undefined || waiting.replies === many.maxMessages || (many.sentinel === true && isEmpty)) {
      this.cancel(ticket);
      return many === undefined ? "only" : "last";
    }
    // A longer silence than all the time there is makes no difference.
    if (many.stall !== undefined && many.stall < timeout) {
      this.#disarm(ticket, many.stall);
      this.#arm(ticket, many.stall, now);
    }
    return "more";
  }

  /** It waits no longer. */
  cancel(ticket: Ticket): boolean {
    const waiting = this.#pending.get(ticket);
    if (waiting === undefined) return false;
    this.#pending.delete(ticket);
    this.#disarm(ticket, waiting.timeout);
    if (waiting.many?.stall !== undefined) this.#disarm(ticket, waiting.many.stall);
    return true;
  }

  /** The ones that have waited long enough, which they do no longer, and whether they wanted many replies. */
  due(now: Millis): { readonly ticket: Ticket; readonly isMany: boolean }[] {
    const due: { ticket: Ticket; isMany: boolean }[] = [];
    for (const list of [...this.#byTimeout.values()]) {
      for (const [ticket, by] of list) {
        if (by > now) break;
        const isMany = this.#pending.get(ticket)?.many !== undefined;
        if (this.cancel(ticket)) due.push({ ticket, isMany });
      }
    }
    return due;
  }

  /** All of them, which wait no longer. */
  clear(): Ticket[] {
    const all = [...this.#pending.keys()];
    this.#pending.clear();
    this.#byTimeout.clear();
    return all;
  }

  #arm(ticket: Ticket, after: Millis, now: Millis): void {
    const list = this.#byTimeout.get(after);
    if (list === undefined) this.#byTimeout.set(after, new Map([[ticket, now + after]]));
    else list.set(ticket, now + after);
  }

  #disarm(ticket: Ticket, after: Millis): void {
    const list = this.#byTimeout.get(after);
    if (list?.delete(ticket) === true && list.size === 0) this.#byTimeout.delete(after);
  }
}
