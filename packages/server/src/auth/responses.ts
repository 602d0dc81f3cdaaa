// SPDX-License-Identifier: Apache-2.0
import type { Compat, Millis } from "../config.ts";
import type { ResponsePermission } from "./permissions.ts";

// Reply subjects of one client that are known at once. nats-server has no limit.
const MAX_REPLIES = 65_536;

/** The reply subjects that a client received, each with the responses that it may still publish there. */
export class Responses {
  readonly #max: number;
  readonly #expires: Millis;
  readonly #compat: Compat;
  readonly #now: () => Millis;
  // In the order of their requests, so that the first one expires first.
  readonly #open = new Map<string, { left: number; readonly until: Millis }>();

  constructor({ max = 1, expires = 120_000 }: ResponsePermission, compat: Compat, now: () => Millis) {
    this.#max = max;
    this.#expires = expires;
    this.#compat = compat;
    this.#now = now;
  }

  /** Permits responses to the reply subject of a request that is delivered. */
  open(reply: string): void {
    // As current nats-servers do: a reply subject that comes again uses up one of its responses, and opens no others.
    if (this.#compat !== "2.9" && this.take(reply)) return;
    const now = this.#now();
    this.#open.delete(reply);
    this.#open.set(reply, { left: this.#max, until: now + this.#expires });
    for (const [oldest, { until }] of this.#open) {
      if (until >= now && this.#open.size <= MAX_REPLIES) break;
      this.#open.delete(oldest);
    }
  }

  /** Returns whether a response to `subject` is permitted, and counts it. */
  take(subject: string): boolean {
    const response = this.#open.get(subject);
    if (response === undefined) return false;
    if (--response.left <= 0 || response.until < this.#now()) this.#open.delete(subject);
    return response.until >= this.#now();
  }
}
