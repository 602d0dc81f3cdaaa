// SPDX-License-Identifier: Apache-2.0
import type { Msg } from "@natswire/codec";
import type { Action, Event, Message, Reason, SubscriptionId } from "./outputs.ts";
import type { Queue } from "./queue.ts";
import type { Requests } from "./requests.ts";
import { fits, type Subscription, type Subscriptions } from "./subscriptions.ts";

/** Messages on their way in: each to its subscription or its request, and no more than somebody keeps up with (RELIABILITY S12). */
export class Inbound {
  readonly #subscriptions: Subscriptions;
  readonly #requests: Requests;
  readonly #out: Queue<Action | Event>;
  // Subscriptions that make everybody wait.
  readonly #stuffed = new Set<Subscription>();
  /** Where the replies to all requests arrive. */
  inbox: SubscriptionId | undefined;
  readonly counts = { received: 0, unclaimed: 0 };

  constructor(subscriptions: Subscriptions, requests: Requests, out: Queue<Action | Event>) {
    this.#subscriptions = subscriptions;
    this.#requests = requests;
    this.#out = out;
  }

  /** @returns the subscription that is to end, where one cannot keep up */
  receive({ sid, subject, reply, headers, payload }: Msg): Subscription | undefined {
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) {
      this.counts.unclaimed++;
      return undefined;
    }
    this.counts.received++;
    const message = { subject, reply, headers, payload };
    if (sid === this.inbox) {
      this.#settle(message);
      return undefined;
    }
    subscription.received++;
    if (fits(subscription) || subscription.overflow === "pause") this.#deliver(subscription, message);
    else if (subscription.overflow === "close") return subscription;
    else this.#drop(subscription);
    if (subscription.max !== undefined && subscription.received >= subscription.max) {
      this.remove(subscription);
      this.#out.push({ event: "unsubscribed", of: sid, why: undefined });
    }
    return undefined;
  }

  /** So many of its messages were consumed. */
  consumed(sid: SubscriptionId, messages: number, bytes: number): void {
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) return;
    subscription.waiting = Math.max(0, subscription.waiting - messages);
    subscription.waitingBytes = Math.max(0, subscription.waitingBytes - bytes);
    if (fits(subscription)) this.#release(subscription);
  }

  /** Nobody waits for it any more. */
  remove(subscription: Subscription): void {
    this.#subscriptions.remove(subscription.sid);
    this.#release(subscription);
  }

  /** Nothing comes any more for any subscription, but for the replies to requests. */
  endAll(why: Reason | undefined): void {
    for (const subscription of this.#subscriptions) {
      if (subscription.sid === this.inbox) continue;
      this.remove(subscription);
      this.#out.push({ event: "unsubscribed", of: subscription.sid, why });
    }
  }

  /** The connection is gone, and with it what made it wait. */
  reset(): void {
    this.#stuffed.clear();
  }

  #deliver(subscription: Subscription, message: Message): void {
    const { sid, dropped } = subscription;
    // The first one that was dropped was told when it was.
    if (dropped > 1) this.#out.push({ event: "dropped", of: sid, messages: dropped - 1 });
    subscription.dropped = 0;
    subscription.waiting++;
    subscription.waitingBytes += message.payload.length + (message.headers?.length ?? 0);
    this.#out.push({ event: "message", to: sid, message });
    if (fits(subscription) || subscription.overflow !== "pause") return;
    if (this.#stuffed.size === 0) this.#out.push({ do: "stop-reading" });
    this.#stuffed.add(subscription);
  }

  #drop(subscription: Subscription): void {
    subscription.dropped++;
    if (subscription.dropped === 1) this.#out.push({ event: "dropped", of: subscription.sid, messages: 1 });
  }

  #release(subscription: Subscription): void {
    if (this.#stuffed.delete(subscription) && this.#stuffed.size === 0) this.#out.push({ do: "read-on" });
  }

  #settle(message: Message): void {
    const ticket = this.#requests.settle(message.subject);
    if (ticket === undefined) this.counts.unclaimed++;
    else if (!isNoResponders(message)) this.#out.push({ event: "reply", ticket, message });
    else this.#out.push({ event: "failed", ticket, why: "NO_RESPONDERS", detail: "nobody listens to the subject" });
  }
}

/** An empty message with the status 503 (protocol section 3.6). */
function isNoResponders({ headers, payload }: Message): boolean {
  const status = "NATS/1.0 503";
  if (headers === undefined || headers.length < status.length || payload.length > 0) return false;
  return [...status].every((c, i) => headers[i] === c.charCodeAt(0));
}
