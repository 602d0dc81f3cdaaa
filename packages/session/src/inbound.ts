// SPDX-License-Identifier: Apache-2.0
import type { Msg } from "@natswire/codec";
import type { Millis } from "./config.ts";
import type { Action, Event, Reason, SubscriptionId } from "./outputs.ts";
import type { Questions } from "./questions.ts";
import type { Queue } from "./queue.ts";
import { fits, hasCaughtUp, type Subscription, type Subscriptions } from "./subscriptions.ts";

/** A message, told. */
export type Told = Event & { readonly event: "message" };

/** Messages on their way in: each to its subscription or its request, and no more than somebody keeps up with (RELIABILITY S12). */
export class Inbound {
  readonly #subscriptions: Subscriptions;
  readonly #questions: Questions;
  readonly #out: Queue<Action | Event>;
  // Subscriptions that make everybody wait.
  readonly #stuffed = new Set<Subscription>();
  #wasDeaf = false;
  readonly #unsubscribe: (sid: SubscriptionId) => void;
  readonly counts = { received: 0, unmatched: 0 };

  /** @param unsubscribe tells the server, where there is one */
  constructor(
    subscriptions: Subscriptions,
    questions: Questions,
    out: Queue<Action | Event>,
    unsubscribe: (sid: SubscriptionId) => void,
  ) {
    this.#unsubscribe = unsubscribe;
    this.#subscriptions = subscriptions;
    this.#questions = questions;
    this.#out = out;
  }

  /** @returns what is to be told of it, where that is all that comes of it; what else does is in the queue */
  receive(message: Msg, now: Millis): Told | undefined {
    const subscription = this.#subscriptions.get(message.sid);
    if (subscription === undefined) {
      this.counts.unmatched++;
      return undefined;
    }
    this.counts.received++;
    const { ticket } = subscription;
    if (ticket !== undefined) {
      if (!this.#questions.reply(message, ticket, now)) this.counts.unmatched++;
      return undefined;
    }
    subscription.received++;
    const { overflow } = subscription;
    const isFitting = fits(subscription);
    // Nothing else comes of it.
    if (isFitting && subscription.max === undefined && overflow !== "pause") return told(subscription, message);
    if (isFitting) this.#deliver(subscription, message);
    else if (overflow === "close") return this.#break(subscription, "SLOW");
    else this.#overflow(subscription, message);
    if (subscription.max === undefined || subscription.received < subscription.max) return undefined;
    // The server ends it too, where it has counted from the same message on.
    if (subscription.isRaised) return this.#break(subscription, undefined);
    this.end([subscription], undefined);
    return undefined;
  }

  /** So many of its messages were consumed. */
  consumed(sid: SubscriptionId, messages: number, bytes: number): void {
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) return;
    if (subscription.sizes !== undefined) forget(subscription, messages);
    else {
      subscription.waiting = Math.max(0, subscription.waiting - messages);
      subscription.waitingBytes = Math.max(0, subscription.waitingBytes - bytes);
    }
    if (subscription.isBehind && hasCaughtUp(subscription)) this.#tellDropped(subscription);
    if (this.#stuffed.size > 0 && fits(subscription)) this.#release(subscription);
  }

  /** Nobody waits for it any more. */
  remove(subscription: Subscription): void {
    this.#subscriptions.remove(subscription.sid);
    this.#tellDropped(subscription);
    this.#release(subscription);
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
  wasDeaf(): boolean {
    const was = this.#wasDeaf;
    this.#wasDeaf = this.#stuffed.size > 0;
    return was;
  }

  /** The connection is gone, and with it what made it wait. */
  reset(): void {
    this.#stuffed.clear();
    this.#wasDeaf = false;
  }

  /** It is over, and the server does not know. */
  #break(subscription: Subscription, reason: Reason | undefined): undefined {
    this.#unsubscribe(subscription.sid);
    this.end([subscription], reason);
  }

  #deliver(subscription: Subscription, message: Msg): void {
    this.#out.push(told(subscription, message));
    if (subscription.overflow !== "pause" || fits(subscription)) return;
    if (this.#stuffed.size === 0) this.#out.push({ do: "pause" });
    this.#stuffed.add(subscription);
    this.#wasDeaf = true;
  }

  #overflow(subscription: Subscription, message: Msg): void {
    if (subscription.overflow === "drop-newest") return this.#drop(subscription, 1);
    if (subscription.overflow === "drop-oldest") {
      let messages = 0;
      // One that alone is larger than all that may wait is let in when it is alone.
      while (!fits(subscription)) messages += forget(subscription, 1);
      this.#out.push({ event: "forget", of: subscription.sid, messages });
      this.#drop(subscription, messages);
    }
    this.#deliver(subscription, message);
  }

  /** The first time it is told at once, and the rest when it has caught up: it may go on for long. */
  #drop(subscription: Subscription, messages: number): void {
    subscription.untold += messages;
    if (subscription.isBehind) return;
    this.#tellDropped(subscription);
    subscription.isBehind = true;
  }

  #tellDropped(subscription: Subscription): void {
    const { sid: of, untold: messages } = subscription;
    if (messages > 0) this.#out.push({ event: "dropped", of, messages });
    subscription.untold = 0;
    subscription.isBehind = false;
  }

  #release(subscription: Subscription): void {
    if (this.#stuffed.delete(subscription) && this.#stuffed.size === 0) this.#out.push({ do: "resume" });
  }
}

/** One more message waits to be consumed. */
function told(subscription: Subscription, message: Msg): Told {
  const { sid, sizes } = subscription;
  const size = message.payload.length + (message.headers === undefined ? 0 : message.headers.length);
  subscription.waiting++;
  subscription.waitingBytes += size;
  if (sizes !== undefined) sizes.push(size);
  return { event: "message", to: sid, message };
}

/** The oldest messages of a subscription wait no longer; how many there were. */
function forget(subscription: Subscription, messages: number): number {
  let forgotten = 0;
  for (; forgotten < messages; forgotten++) {
    const size = subscription.sizes?.shift();
    if (size === undefined) break;
    subscription.waiting--;
    subscription.waitingBytes -= size;
  }
  return forgotten;
}
