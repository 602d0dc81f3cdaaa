// SPDX-License-Identifier: Apache-2.0
import type { Event, SubscriptionId } from "@natswire/session";
import type { ClientSubscription } from "./subscription.ts";

/** The subscriptions of a connection, by id. */
export class SubscriptionTable {
  readonly #byId = new Map<SubscriptionId, ClientSubscription>();
  // The next message is likely for the same subscription as the last one.
  #last: ClientSubscription | undefined;

  /** Adds a subscription. */
  add(subscription: ClientSubscription): void {
    this.#byId.set(subscription.sid, subscription);
  }

  /** Returns the subscription with this id; `undefined` after its end. */
  find(sid: SubscriptionId): ClientSubscription | undefined {
    if (this.#last?.sid !== sid) this.#last = this.#byId.get(sid);
    return this.#last;
  }

  /** Removes a subscription and ends it. */
  end({ of, failure, counts }: Event & { event: "unsubscribed" }): void {
    const subscription = this.find(of);
    this.#byId.delete(of);
    this.#last = undefined;
    subscription?.end(failure, counts);
  }

  /** Stops calling every callback. */
  mute(): void {
    for (const subscription of this.#byId.values()) subscription.mute();
  }

  /** Returns the subscriptions that have not ended. */
  list(): readonly ClientSubscription[] {
    return [...this.#byId.values()];
  }
}
