// SPDX-License-Identifier: Apache-2.0
import { encode, type Sub, type Unsub, UsageError } from "@natswire/codec";
import { checkControlLine } from "./control-line.ts";
import type { SubscriptionId, Ticket } from "./outputs.ts";
import { Queue } from "./queue.ts";
import { checkChoice, checkNumbers } from "./validate.ts";

/** What happens to messages that somebody does not keep up with. */
export type Overflow = "drop-newest" | "drop-oldest" | "pause" | "close";

/** How to subscribe. */
export interface SubscriptionOptions {
  readonly queue?: string | undefined;
  /** It ends after so many messages. */
  readonly max?: number | undefined;
  /** Messages that may wait to be consumed; 65,536. */
  readonly maxMessages?: number | undefined;
  /** Their bytes; 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** What becomes of more: "drop-newest" where left out. */
  readonly overflow?: Overflow | undefined;
}

/** As many messages may wait as come. */
export const UNBOUNDED: SubscriptionOptions = {
  maxMessages: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
};

/** One subscription, for as long as the session has it. */
export interface Subscription {
  readonly sid: SubscriptionId;
  readonly subject: string;
  readonly queue: string | undefined;
  readonly overflow: Overflow;
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** Whose replies it gets; 0 for those of all requests that have no inbox of their own. */
  readonly ticket: Ticket | undefined;
  /** What waits, by its bytes, where the oldest may have to go. */
  readonly sizes: Queue<number> | undefined;
  max: number | undefined;
  /** The server there is may have ended it at a lower maximum, and have begun it anew. */
  isRaised: boolean;
  /** Messages since it began. */
  received: number;
  /** Those of them that came before the connection there is: a server counts from its SUB. */
  receivedBefore: number;
  /** Not consumed yet. */
  queued: number;
  queuedBytes: number;
  /** Messages were dropped, and it has not caught up since. */
  isLagging: boolean;
  /** Dropped and not told yet. */
  unreported: number;
}

/** The subscriptions of a session, over all its connections. */
export class Subscriptions {
  readonly #bySid = new Map<SubscriptionId, Subscription>();
  readonly #maxLine: number;
  #lastSid = 0;
  // Where one message came, the next one comes (`client subscribe, callback 16 B`).
  #last: Subscription | undefined;

  /** @param maxLine bytes of a control line that a server takes */
  constructor(maxLine: number) {
    this.#maxLine = maxLine;
  }

  /** @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_NUMBER, BAD_FIELD, TOO_LARGE */
  add(subject: string, options: SubscriptionOptions, ticket?: Ticket): Subscription {
    const { queue, max, maxMessages = 65_536, maxBytes = 67_108_864, overflow = "drop-newest" } = options;
    checkMax(max);
    checkNumbers({ maxMessages, maxBytes });
    checkChoice("overflow", overflow, "drop-newest, drop-oldest, pause or close");
    const sid = ++this.#lastSid;
    // What could not go on the wire later is refused now.
    encode({ op: "sub", subject, queue, sid: String(sid) });
    checkControlLine([subject, queue, sid], this.#maxLine);
    const sizes = overflow === "drop-oldest" ? new Queue<number>() : undefined;
    const one = { sid, subject, queue, overflow, maxMessages, maxBytes, ticket, sizes, max, isRaised: false };
    const subscription = {
      ...one,
      received: 0,
      receivedBefore: 0,
      queued: 0,
      queuedBytes: 0,
      isLagging: false,
      unreported: 0,
    };
    this.#bySid.set(sid, subscription);
    return subscription;
  }

  get(sid: SubscriptionId): Subscription | undefined {
    if (this.#last?.sid !== sid) this.#last = this.#bySid.get(sid);
    return this.#last;
  }

  remove(sid: SubscriptionId): void {
    this.#bySid.delete(sid);
    this.#last = undefined;
  }

  /** What a new connection is told, where each has as many messages left as it had. */
  *replay(): Generator<Sub | Unsub> {
    for (const subscription of this.#bySid.values()) {
      const { sid, subject, queue, max, received } = subscription;
      subscription.receivedBefore = received;
      subscription.isRaised = false;
      yield { op: "sub", subject, queue, sid: String(sid) };
      if (max !== undefined) yield { op: "unsub", sid: String(sid), max: max - received };
    }
  }

  /** Those that somebody asked for, or this one of them; none is an inbox. */
  drainable(sid: SubscriptionId | undefined): Subscription[] {
    return [...this].filter((one) => one.ticket === undefined && (sid === undefined || sid === one.sid));
  }

  [Symbol.iterator](): Iterator<Subscription> {
    return [...this.#bySid.values()][Symbol.iterator]();
  }
}

/** Whether one more message may wait. */
export function fits({ queued, queuedBytes, maxMessages, maxBytes }: Subscription): boolean {
  return queued < maxMessages && queuedBytes < maxBytes;
}

/** Whether it has caught up again: half of what may wait, or less, does. */
export function hasCaughtUp({ queued, queuedBytes, maxMessages, maxBytes }: Subscription): boolean {
  return queued <= maxMessages / 2 && queuedBytes <= maxBytes / 2;
}

/** @throws UsageError BAD_NUMBER where `max` is no number of messages */
export function checkMax(max: number | undefined): void {
  if (max !== undefined && !(Number.isSafeInteger(max) && max > 0 && max <= 999_999_999)) {
    throw new UsageError("BAD_NUMBER", `max must be a whole number from 1 on, not ${String(max)}`);
  }
}
