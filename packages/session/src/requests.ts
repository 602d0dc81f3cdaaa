// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "./config.ts";
import type { Ticket } from "./outputs.ts";

const INBOX_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const ZERO = 0x30;
// More digits would not fit a number exactly.
const MAX_TICKET_DIGITS = 15;

/** Ends a request for many replies before its timeout. */
export interface Many {
  /** After this many replies. */
  readonly maxMessages?: number | undefined;
  /** After this many milliseconds without a reply, beginning with the first. */
  readonly stall?: Millis | undefined;
  /** After an empty reply. */
  readonly sentinel?: boolean | undefined;
}

/** A request that waits for its reply. */
export interface PendingRequest {
  readonly subject: string;
  readonly timeout: Millis;
  readonly many: Many | undefined;
  /** Replies received. */
  replies: number;
}

/** What a reply is to its request: the only one, or one of many. */
export type Settled = "unmatched" | "only" | "more" | "last";

/**
 * Requests that wait for their replies: one inbox for all of them, followed by the ticket of each.
 *
 * Of requests with the same timeout the oldest is due first. So there is one list for each timeout, and none is sorted.
 */
export class Requests {
  /** The subject of the shared inbox, with a wildcard for the ticket. */
  readonly pattern: string;
  readonly #prefix: string;
  readonly #ownPrefix: string;
  readonly #pending = new Map<Ticket, PendingRequest>();
  readonly #byTimeout = new Map<Millis, Map<Ticket, Millis>>();

  /** @param random fills the 16 bytes, 96 bits of them used, that make the inbox unpredictable (docs/reliability.md, S14) */
  constructor(inboxPrefix: string, random: (into: Uint8Array<ArrayBuffer>) => void) {
    const bytes = new Uint8Array(16);
    random(bytes);
    const token = Array.from(bytes, (byte) => INBOX_ALPHABET[byte & 63]).join("");
    this.#prefix = `${inboxPrefix}.${token}.`;
    // One token more: the wildcard of the shared inbox does not match it.
    this.#ownPrefix = `${inboxPrefix}.${token}.own.`;
    this.pattern = `${this.#prefix}*`;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** When the next request times out. */
  get deadline(): Millis | undefined {
    let first: Millis | undefined;
    for (const list of this.#byTimeout.values()) {
      for (const at of list.values()) {
        if (first === undefined || at < first) first = at;
        break;
      }
    }
    return first;
  }

  /** Returns the reply subject of a request. */
  replyTo(ticket: Ticket, isOwn = false): string {
    return (isOwn ? this.#ownPrefix : this.#prefix) + ticket;
  }

  /** Returns the ticket in a reply subject, or 0 if it has none. The ticket need not be pending. */
  ticketOf(subject: string): Ticket {
    const start = this.#prefix.length;
    if (!subject.startsWith(this.#prefix) || subject.length > start + MAX_TICKET_DIGITS) return 0;
    let ticket = 0;
    for (let i = start; i < subject.length; i++) {
      const digit = subject.charCodeAt(i) - ZERO;
      // There is one spelling of each ticket, and none begins with a zero.
      if (digit < 0 || digit > 9 || (digit === 0 && ticket === 0)) return 0;
      ticket = 10 * ticket + digit;
    }
    return ticket;
  }

  /** Returns a pending request. */
  get(ticket: Ticket): PendingRequest | undefined {
    return this.#pending.get(ticket);
  }

  add(ticket: Ticket, request: PendingRequest, now: Millis): void {
    this.#pending.set(ticket, request);
    this.#arm(ticket, request.timeout, now);
  }

  /** Counts a reply. Removes the request if it was the last one. */
  settle(ticket: Ticket, isEmpty: boolean, now: Millis): Settled {
    const request = this.#pending.get(ticket);
    if (request === undefined) return "unmatched";
    const { many, timeout } = request;
    request.replies++;
    if (many === undefined || request.replies === many.maxMessages || (many.sentinel === true && isEmpty)) {
      this.cancel(ticket);
      return many === undefined ? "only" : "last";
    }
    // A stall that is not shorter than the timeout makes no difference.
    if (many.stall !== undefined && many.stall < timeout) {
      this.#disarm(ticket, many.stall);
      this.#arm(ticket, many.stall, now);
    }
    return "more";
  }

  /** Removes a request. Returns false if it was not pending. */
  cancel(ticket: Ticket): boolean {
    const request = this.#pending.get(ticket);
    if (request === undefined) return false;
    this.#pending.delete(ticket);
    this.#disarm(ticket, request.timeout);
    if (request.many?.stall !== undefined) this.#disarm(ticket, request.many.stall);
    return true;
  }

  /** Removes and returns the requests that have timed out. */
  due(now: Millis): [Ticket, PendingRequest][] {
    const due: [Ticket, PendingRequest][] = [];
    for (const list of [...this.#byTimeout.values()]) {
      for (const [ticket, at] of list) {
        if (at > now) break;
        const request = this.#pending.get(ticket);
        if (request !== undefined && this.cancel(ticket)) due.push([ticket, request]);
      }
    }
    return due;
  }

  /** Removes and returns all requests. */
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
