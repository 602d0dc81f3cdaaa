// SPDX-License-Identifier: Apache-2.0
import type { Msg } from "@natswire/codec";
import type { Millis } from "./config.ts";
import type { SessionContext } from "./context.ts";
import type { Event, Failure, SubscriptionCounts, SubscriptionId } from "./outputs.ts";
import { fits, hasCaughtUp, type Subscription, type Subscriptions } from "./subscriptions.ts";

/** The event of one message. */
export type MessageEvent = Event & { readonly event: "message" };

// Milliseconds between two reports of dropped messages.
const REPORT_INTERVAL: Millis = 1000;

/** Delivers messages to subscriptions, and never queues more for one than its limits allow (docs/reliability.md, S12). */
export class Inbound {
  readonly #context: SessionContext;
  readonly #subscriptions: Subscriptions;
  // Full subscriptions that pause the connection.
  readonly #blocking = new Set<Subscription>();
  // Subscriptions that dropped messages and have not caught up.
  readonly #lagging = new Set<Subscription>();
  #reportAt: Millis | undefined;
  #wasPaused = false;

  constructor(context: SessionContext, subscriptions: Subscriptions) {
    this.#context = context;
    this.#subscriptions = subscriptions;
  }

  /**
   * Delivers a message, or does what `overflow` says if the subscription is full. Ends the subscription after `max` messages.
   *
   * @returns the event of the message, if that is the only output. All other outputs are emitted.
   */
  deliver(subscription: Subscription, message: Msg): MessageEvent | undefined {
    subscription.received++;
    const { overflow } = subscription;
    const isFitting = fits(subscription);
    if (isFitting && subscription.max === undefined && overflow !== "pause") return messageEvent(subscription, message);
    if (isFitting) this.#enqueue(subscription, message);
    else if (overflow === "close") return this.#cancel(subscription, tooSlow(subscription));
    else this.#overflow(subscription, message);
    if (subscription.max === undefined || subscription.received < subscription.max) return undefined;
    // The server ends it too, unless it began to count anew after the maximum was raised.
    if (subscription.isRaised) return this.#cancel(subscription, undefined);
    this.end([subscription], undefined);
    return undefined;
  }

  /** When dropped messages are reported again. */
  get deadline(): Millis | undefined {
    return this.#reportAt;
  }

  /** Reports the messages that were dropped since the last report, once a second while a subscription is lagging. */
  elapsed(): void {
    if (this.#reportAt === undefined || this.#reportAt > this.#context.now) return;
    for (const subscription of this.#lagging) this.#reportDropped(subscription);
    this.#reportAt = this.#lagging.size > 0 ? this.#context.now + REPORT_INTERVAL : undefined;
  }

  /** Frees the room of consumed messages. Does nothing for a subscription that has ended. */
  consumed(sid: SubscriptionId, messages: number, bytes: number): void {
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) return;
    if (subscription.sizes !== undefined) dropOldest(subscription, messages);
    else {
      subscription.queued = Math.max(0, subscription.queued - messages);
      subscription.queuedBytes = Math.max(0, subscription.queuedBytes - bytes);
    }
    if (this.#lagging.size > 0 && hasCaughtUp(subscription)) this.#catchUp(subscription);
    if (this.#blocking.size > 0 && fits(subscription)) this.#unblock(subscription);
  }

  /** Removes a subscription and sends UNSUB. Does not emit `unsubscribed`. */
  remove(subscription: Subscription): void {
    this.#forget(subscription);
    this.#context.readyLink?.unsubscribe(subscription.sid);
  }

  /** Removes subscriptions that the server has ended, and emits `unsubscribed` for each. Skips the inboxes of requests. */
  end(subscriptions: Iterable<Subscription>, failure: Failure | undefined): void {
    for (const subscription of subscriptions) {
      const { sid, ticket } = subscription;
      // A drained subscription may have reached its maximum before.
      if (ticket !== undefined || this.#subscriptions.get(sid) !== subscription) continue;
      this.#forget(subscription);
      this.#context.emit({ event: "unsubscribed", of: sid, failure, counts: countsOf(subscription) });
    }
  }

  /** Returns whether reading was paused at any time since the last call. A PONG may then wait in the socket, unread. */
  wasPaused(): boolean {
    const was = this.#wasPaused;
    this.#wasPaused = this.#blocking.size > 0;
    return was;
  }

  /** Forgets a pause together with the connection that was paused: no `resume` follows. */
  reset(): void {
    this.#blocking.clear();
    this.#wasPaused = false;
  }

  /** Ends a subscription that the server has not ended. */
  #cancel(subscription: Subscription, failure: Failure | undefined): undefined {
    this.#context.readyLink?.unsubscribe(subscription.sid);
    this.end([subscription], failure);
  }

  #forget(subscription: Subscription): void {
    this.#subscriptions.remove(subscription.sid);
    this.#catchUp(subscription);
    this.#unblock(subscription);
  }

  #enqueue(subscription: Subscription, message: Msg): void {
    this.#context.emit(messageEvent(subscription, message));
    if (subscription.overflow !== "pause" || fits(subscription)) return;
    if (this.#blocking.size === 0) this.#context.emit({ do: "pause" });
    this.#blocking.add(subscription);
    this.#wasPaused = true;
  }

  #overflow(subscription: Subscription, message: Msg): void {
    if (subscription.overflow === "drop-newest") return this.#drop(subscription, 1);
    if (subscription.overflow === "drop-oldest") {
      let messages = 0;
      // A message larger than the whole limit is delivered if it is the only one.
      while (!fits(subscription)) messages += dropOldest(subscription, 1);
      this.#context.emit({ event: "forget", of: subscription.sid, messages });
      this.#drop(subscription, messages);
    }
    this.#enqueue(subscription, message);
  }

  /** Reports the first dropped message at once, and the rest every second and after the subscription has caught up. */
  #drop(subscription: Subscription, messages: number): void {
    subscription.dropped += messages;
    subscription.unreported += messages;
    if (this.#lagging.has(subscription)) return;
    this.#lagging.add(subscription);
    this.#reportDropped(subscription);
    this.#reportAt ??= this.#context.now + REPORT_INTERVAL;
  }

  #catchUp(subscription: Subscription): void {
    if (!this.#lagging.delete(subscription)) return;
    this.#reportDropped(subscription);
    if (this.#lagging.size === 0) this.#reportAt = undefined;
  }

  #reportDropped(subscription: Subscription): void {
    const { sid: of, unreported: messages } = subscription;
    if (messages > 0) this.#context.emit({ event: "dropped", of, messages });
    subscription.unreported = 0;
  }

  #unblock(subscription: Subscription): void {
    if (this.#blocking.delete(subscription) && this.#blocking.size === 0) this.#context.emit({ do: "resume" });
  }
}

/** Returns the counts of a subscription. */
export function countsOf({ received, dropped }: Subscription): SubscriptionCounts {
  return { received, dropped };
}

/** Returns why a subscription with `overflow: "close"` ends. */
function tooSlow({ subject }: Subscription): Failure {
  return { reason: "SLOW", detail: `the subscription to ${JSON.stringify(subject)} did not keep up` };
}

/** Counts one more queued message, and returns its event. */
function messageEvent(subscription: Subscription, message: Msg): MessageEvent {
  const { sid, sizes } = subscription;
  const size = message.payload.length + (message.headers === undefined ? 0 : message.headers.length);
  subscription.queued++;
  subscription.queuedBytes += size;
  if (sizes !== undefined) sizes.push(size);
  return { event: "message", to: sid, message };
}

/** Frees the room of the oldest messages, and returns how many there were. */
function dropOldest(subscription: Subscription, messages: number): number {
  let dropped = 0;
  for (; dropped < messages; dropped++) {
    const size = subscription.sizes?.shift();
    if (size === undefined) break;
    subscription.queued--;
    subscription.queuedBytes -= size;
  }
  return dropped;
}
