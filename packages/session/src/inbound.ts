// SPDX-License-Identifier: Apache-2.0
import type { Msg } from "@natswire/codec";
import type { Millis } from "./config.ts";
import type { Action, Event, Reason, SubscriptionId } from "./outputs.ts";
import type { PendingOperations } from "./pending-operations.ts";
import type { Queue } from "./queue.ts";
import { fits, hasCaughtUp, type Subscription, type Subscriptions } from "./subscriptions.ts";

/** A message, told. */
export type MessageEvent = Event & { readonly event: "message" };

/** Messages on their way in: each to its subscription or its request, and no more than somebody keeps up with (RELIABILITY S12). */
export class Inbound {
  readonly #subscriptions: Subscriptions;
  readonly #operations: PendingOperations;
  readonly #out: Queue<Action | Event>;
  // Subscriptions that make everybody wait.
  readonly #blocking = new Set<Subscription>();
  #wasPaused = false;
  readonly #unsubscribe: (sid: SubscriptionId) => void;
  readonly counts = { received: 0, unmatched: 0 };

  /** @param unsubscribe tells the server, where there is one */
  constructor(
    subscriptions: Subscriptions,
    questions: PendingOperations,
    out: Queue<Action | Event>,
    unsubscribe: (sid: SubscriptionId) => void,
  ) {
    this.#unsubscribe = unsubscribe;
    this.#subscriptions = subscriptions;
    this.#operations = questions;
    this.#out = out;
  }

  /** @returns what is to be told of it, where that is all that comes of it; what else does is in the queue */
  deliver(message: Msg, now: Millis): MessageEvent | undefined {
    const subscription = this.#subscriptions.get(message.sid);
    if (subscription === undefined) {
      this.counts.unmatched++;
      return undefined;
    }
    this.counts.received++;
    const { ticket } = subscription;
    if (ticket !== undefined) {
      if (!this.#operations.reply(message, ticket, now)) this.counts.unmatched++;
      return undefined;
    }
    subscription.received++;
    const { overflow } = subscription;
    const isFitting = fits(subscription);
    // Nothing else comes of it.
    if (isFitting && subscription.max === undefined && overflow !== "pause") return messageEvent(subscription, message);
    if (isFitting) this.#enqueue(subscription, message);
    else if (overflow === "close") return this.#cancel(subscription, "SLOW");
    else this.#overflow(subscription, message);
    if (subscription.max === undefined || subscription.received < subscription.max) return undefined;
    // The server ends it too, where it has counted from the same message on.
    if (subscription.isRaised) return this.#cancel(subscription, undefined);
    this.end([subscription], undefined);
    return undefined;
  }

  /** So many of its messages were consumed. */
  consumed(sid: SubscriptionId, messages: number, bytes: number): void {
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) return;
    if (subscription.sizes !== undefined) dropOldest(subscription, messages);
    else {
      subscription.queued = Math.max(0, subscription.queued - messages);
      subscription.queuedBytes = Math.max(0, subscription.queuedBytes - bytes);
    }
    if (subscription.isLagging && hasCaughtUp(subscription)) this.#reportDropped(subscription);
    if (this.#blocking.size > 0 && fits(subscription)) this.#unblock(subscription);
  }

  /** Nobody waits for it any more. */
  remove(subscription: Subscription): void {
    this.#subscriptions.remove(subscription.sid);
    this.#reportDropped(subscription);
    this.#unblock(subscription);
  }

  /** Nothing comes any more for these; replies to requests come, and one may have had enough before. */
  end(subscriptions: Iterable<Subscription>, reason: Reason | undefined): void {
    for (const subscription of subscriptions) {
      const { sid, ticket } = subscription;
      if (ticket !== undefined || this.#subscriptions.get(sid) !== subscription) continue;
      this.remove(subscription);
      this.#out.push({ event: "unsubscribed", of: sid, reason });
    }
  }

  /** Whether nothing was read for a while since this was last asked: no answer could be heard. */
  wasPaused(): boolean {
    const was = this.#wasPaused;
    this.#wasPaused = this.#blocking.size > 0;
    return was;
  }

  /** The connection is gone, and with it what made it wait. */
  reset(): void {
    this.#blocking.clear();
    this.#wasPaused = false;
  }

  /** It is over, and the server does not know. */
  #cancel(subscription: Subscription, reason: Reason | undefined): undefined {
    this.#unsubscribe(subscription.sid);
    this.end([subscription], reason);
  }

  #enqueue(subscription: Subscription, message: Msg): void {
    this.#out.push(messageEvent(subscription, message));
    if (subscription.overflow !== "pause" || fits(subscription)) return;
    if (this.#blocking.size === 0) this.#out.push({ do: "pause" });
    this.#blocking.add(subscription);
    this.#wasPaused = true;
  }

  #overflow(subscription: Subscription, message: Msg): void {
    if (subscription.overflow === "drop-newest") return this.#drop(subscription, 1);
    if (subscription.overflow === "drop-oldest") {
      let messages = 0;
      // One that alone is larger than all that may wait is let in when it is alone.
      while (!fits(subscription)) messages += dropOldest(subscription, 1);
      this.#out.push({ event: "forget", of: subscription.sid, messages });
      this.#drop(subscription, messages);
    }
    this.#enqueue(subscription, message);
  }

  /** The first time it is told at once, and the rest when it has caught up: it may go on for long. */
  #drop(subscription: Subscription, messages: number): void {
    subscription.unreported += messages;
    if (subscription.isLagging) return;
    this.#reportDropped(subscription);
    subscription.isLagging = true;
  }

  #reportDropped(subscription: Subscription): void {
    const { sid: of, unreported: messages } = subscription;
    if (messages > 0) this.#out.push({ event: "dropped", of, messages });
    subscription.unreported = 0;
    subscription.isLagging = false;
  }

  #unblock(subscription: Subscription): void {
    if (this.#blocking.delete(subscription) && this.#blocking.size === 0) this.#out.push({ do: "resume" });
  }
}

/** One more message waits to be consumed. */
function messageEvent(subscription: Subscription, message: Msg): MessageEvent {
  const { sid, sizes } = subscription;
  const size = message.payload.length + (message.headers === undefined ? 0 : message.headers.length);
  subscription.queued++;
  subscription.queuedBytes += size;
  if (sizes !== undefined) sizes.push(size);
  return { event: "message", to: sid, message };
}

/** The oldest messages of a subscription wait no longer; how many there were. */
function dropOldest(subscription: Subscription, messages: number): number {
  let forgotten = 0;
  for (; forgotten < messages; forgotten++) {
    const size = subscription.sizes?.shift();
    if (size === undefined) break;
    subscription.queued--;
    subscription.queuedBytes -= size;
  }
  return forgotten;
}
