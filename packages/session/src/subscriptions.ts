// SPDX-License-Identifier: Apache-2.0
import { encode, type Sub, type Unsub } from "@natswire/codec";
import type { SessionContext } from "./context.ts";
import type { ParsedDenial } from "./denial.ts";
import { checkLineLength } from "./line-length.ts";
import type { SubscriptionId, Ticket } from "./outputs.ts";
import { Queue } from "./queue.ts";
import { checkChoice, checkNumbers, wrongValue } from "./validate.ts";

/** What a full subscription does: drops a message, pauses the connection, or ends with reason `SLOW`. */
export type Overflow = "drop-newest" | "drop-oldest" | "pause" | "close";

/** The options of a subscription. */
export interface SubscriptionOptions {
  /** The queue group: each message goes to one of its members. */
  readonly queue?: string | undefined;
  /** Ends the subscription after this many messages. */
  readonly max?: number | undefined;
  /** The number of messages that may be queued, not consumed yet. Default: 65,536. */
  readonly maxMessages?: number | undefined;
  /** The number of bytes that may be queued. Default: 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** What happens if a message exceeds these limits. Default: `drop-newest`. */
  readonly overflow?: Overflow | undefined;
}

/** Options without limits. */
export const UNBOUNDED: SubscriptionOptions = {
  maxMessages: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
};

/** The state of one subscription. */
export interface Subscription {
  readonly sid: SubscriptionId;
  readonly subject: string;
  readonly queue: string | undefined;
  readonly overflow: Overflow;
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** The request whose replies it receives, or 0 for the shared inbox. `undefined` for a subscription of the application. */
  readonly ticket: Ticket | undefined;
  /** The size of each queued message, for `drop-oldest` only. */
  readonly sizes: Queue<number> | undefined;
  max: number | undefined;
  /** `max` was raised on this connection: the server may have ended the subscription, and begun it anew. */
  isRaised: boolean;
  /** Messages received since it began. */
  received: number;
  /** Those received before the current connection: a server counts from its own SUB. */
  receivedBefore: number;
  /** Messages delivered and not consumed yet. */
  queued: number;
  queuedBytes: number;
  /** Messages dropped since it began, and those of them that no `dropped` event has reported yet. */
  dropped: number;
  unreported: number;
}

/** The subscriptions of a session, over all its connections. */
export class Subscriptions {
  readonly #context: SessionContext;
  readonly #bySid = new Map<SubscriptionId, Subscription>();
  #lastSid = 0;
  // The next message is most likely for the same subscription (`client subscribe, callback 16 B`).
  #last: Subscription | undefined;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /**
   * Adds a subscription, and sends SUB if there is a connection.
   *
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_NUMBER, BAD_FIELD, TOO_LARGE
   */
  subscribe(subject: string, options: SubscriptionOptions, ticket?: Ticket): Subscription {
    const { queue, max, maxMessages = 65_536, maxBytes = 67_108_864, overflow = "drop-newest" } = options;
    checkMax(max);
    checkNumbers({ maxMessages, maxBytes });
    checkChoice("overflow", overflow, "drop-newest, drop-oldest, pause or close");
    const sid = ++this.#lastSid;
    // Throws now what would throw when it is sent on a later connection.
    encode({ op: "sub", subject, queue, sid: String(sid) });
    checkLineLength([subject, queue, sid], this.#context.config.maxControlLine);
    const subscription: Subscription = {
      sid,
      subject,
      queue,
      overflow,
      maxMessages,
      maxBytes,
      ticket,
      sizes: overflow === "drop-oldest" ? new Queue() : undefined,
      max,
      isRaised: false,
      received: 0,
      receivedBefore: 0,
      queued: 0,
      queuedBytes: 0,
      dropped: 0,
      unreported: 0,
    };
    this.#bySid.set(sid, subscription);
    this.#context.readyLink?.subscribe(subscription);
    return subscription;
  }

  get(sid: SubscriptionId): Subscription | undefined {
    if (this.#last?.sid !== sid) this.#last = this.#bySid.get(sid);
    return this.#last;
  }

  /** Returns the subscription that a denial names: the oldest, if several match. */
  denied({ denial: { subject, queue }, sid }: ParsedDenial): Subscription | undefined {
    if (sid !== undefined) return this.#bySid.get(sid);
    for (const one of this.#bySid.values()) if (one.subject === subject && one.queue === queue) return one;
    return undefined;
  }

  /** The subscription that began last. */
  get newest(): Subscription | undefined {
    return [...this.#bySid.values()].at(-1);
  }

  remove(sid: SubscriptionId): void {
    this.#bySid.delete(sid);
    this.#last = undefined;
  }

  /** Yields the frames that a new connection begins with. Each subscription keeps the number of messages it has left. */
  *replay(): Generator<Sub | Unsub> {
    for (const subscription of this.#bySid.values()) {
      const { sid, subject, queue, max, received } = subscription;
      subscription.receivedBefore = received;
      subscription.isRaised = false;
      yield { op: "sub", subject, queue, sid: String(sid) };
      if (max !== undefined) yield { op: "unsub", sid: String(sid), max: max - received };
    }
  }

  /** Returns the subscriptions of the application, or the one with this sid. Inboxes of requests are not included. */
  drainable(sid: SubscriptionId | undefined): Subscription[] {
    return [...this].filter((each) => each.ticket === undefined && (sid === undefined || sid === each.sid));
  }

  [Symbol.iterator](): Iterator<Subscription> {
    return [...this.#bySid.values()][Symbol.iterator]();
  }
}

/** Returns whether one more message may be queued. */
export function fits({ queued, queuedBytes, maxMessages, maxBytes }: Subscription): boolean {
  return queued < maxMessages && queuedBytes < maxBytes;
}

/** Returns whether half of the limits or less is in use. */
export function hasCaughtUp({ queued, queuedBytes, maxMessages, maxBytes }: Subscription): boolean {
  return queued <= maxMessages / 2 && queuedBytes <= maxBytes / 2;
}

/**
 * Checks `max`.
 *
 * @throws UsageError BAD_NUMBER if it is given and is not an integer from 1 to 999,999,999
 */
export function checkMax(max: number | undefined): void {
  if (max !== undefined && !(Number.isSafeInteger(max) && max > 0 && max <= 999_999_999)) {
    throw wrongValue("max", "an integer from 1 to 999999999", max, "BAD_NUMBER");
  }
}
