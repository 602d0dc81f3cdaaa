// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "./config.ts";
import type { Ticket } from "./outputs.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

interface Waiting {
  readonly ticket: Ticket;
  readonly by: Millis;
}

/**
 * Requests that wait for their one reply: one inbox for all of them, and a number behind it for each.
 *
 * Of one timeout the oldest is always the first that is due, so that a queue for each timeout there is needs no sorting.
 */
export class Requests {
  /** What all replies are sent to. */
  readonly pattern: string;
  readonly #prefix: string;
  readonly #waiting = new Map<Ticket, Waiting>();
  readonly #byTimeout = new Map<Millis, Waiting[]>();

  /** @param random 16 of its bytes, 96 bits, make an inbox that nobody can guess (RELIABILITY S14) */
  constructor(inboxPrefix: string, random: (into: Uint8Array) => void) {
    const bytes = new Uint8Array(16);
    random(bytes);
    const token = Array.from(bytes, (byte) => ALPHABET[byte & 63]).join("");
    this.#prefix = `${inboxPrefix}.${token}.`;
    this.pattern = `${this.#prefix}*`;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** When the next one has waited long enough. */
  get deadline(): Millis | undefined {
    let first: Millis | undefined;
    for (const queue of this.#byTimeout.values()) {
      const by = queue[0]?.by;
      if (by !== undefined && (first === undefined || by < first)) first = by;
    }
    return first;
  }

  /** Where the reply to a request is to go. */
  replyTo(ticket: Ticket): string {
    return this.#prefix + ticket;
  }

  add(ticket: Ticket, timeout: Millis, now: Millis): void {
    const waiting = { ticket, by: now + timeout };
    this.#waiting.set(ticket, waiting);
    const queue = this.#byTimeout.get(timeout);
    if (queue === undefined) this.#byTimeout.set(timeout, [waiting]);
    else queue.push(waiting);
  }

  /** Whose reply was sent there; nobody's where it came before. */
  settle(subject: string): Ticket | undefined {
    const digits = subject.startsWith(this.#prefix) ? subject.slice(this.#prefix.length) : "";
    const ticket = /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : 0;
    return this.cancel(ticket) ? ticket : undefined;
  }

  /** It waits no longer. */
  cancel(ticket: Ticket): boolean {
    return this.#waiting.delete(ticket);
  }

  /** The ones that have waited long enough, which they do no longer. */
  due(now: Millis): Ticket[] {
    const due: Ticket[] = [];
    for (const [timeout, queue] of this.#byTimeout) {
      let done = 0;
      for (const waiting of queue) {
        if (this.#waiting.get(waiting.ticket) !== waiting) done++;
        else if (waiting.by <= now) {
          done++;
          this.#waiting.delete(waiting.ticket);
          due.push(waiting.ticket);
        } else break;
      }
      queue.splice(0, done);
      if (queue.length === 0) this.#byTimeout.delete(timeout);
    }
    return due;
  }

  /** All of them, which wait no longer. */
  clear(): Ticket[] {
    const all = [...this.#waiting.keys()];
    this.#waiting.clear();
    this.#byTimeout.clear();
    return all;
  }
}
