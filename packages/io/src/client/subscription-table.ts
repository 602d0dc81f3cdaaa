// SPDX-License-Identifier: Apache-2.0
import type { Event, SubscriptionCounts, SubscriptionId } from "@natswire/session";
import type { Clock } from "../clock.ts";
import type { Message } from "../message.ts";
import { type WaitOptions, withDeadline } from "../wait.ts";
import type { Connection } from "./connection.ts";
import type { HookCalls } from "./hook-calls.ts";
import type { Operations } from "./operations.ts";
import type { SessionDriver } from "./session-driver.ts";
import type { Statuses } from "./statuses.ts";
import {
  ClientSubscription,
  limited,
  type Subscription,
  type SubscriptionHost,
  type SubscriptionOptions,
} from "./subscription.ts";

/** What the subscriptions of a connection need of it. */
interface TableOptions {
  readonly connection: Pick<Connection, "flush" | "closed">;
  readonly driver: SessionDriver;
  readonly operations: Operations;
  readonly statuses: Statuses;
  readonly hooks: HookCalls;
  readonly clock: Clock;
}

/** The subscriptions of a connection, by id. */
export class SubscriptionTable implements SubscriptionHost {
  readonly clock: Clock;
  readonly #options: TableOptions;
  readonly #driver: SessionDriver;
  readonly #byId = new Map<SubscriptionId, ClientSubscription>();
  // Subscriptions that have ended, with async callbacks that have not settled.
  readonly #running = new Set<ClientSubscription>();
  // Whether their callbacks run inside a hook.
  #isObserved = false;
  // The next message is likely for the same subscription as the last one.
  #last: ClientSubscription | undefined;

  constructor(options: TableOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.#driver = options.driver;
  }

  /** Subscribes to a subject, and adds the subscription. */
  subscribe(subject: string, options: SubscriptionOptions): ClientSubscription {
    const limits = limited(options);
    const sid = this.#driver.session.subscribe(subject, limits);
    const subscription = new ClientSubscription(subject, sid, options, this);
    this.#byId.set(sid, subscription);
    if (this.#isObserved) subscription.observe(true);
    this.#driver.schedule();
    return subscription;
  }

  /** Returns the subscription with this id; `undefined` after its end. */
  find(sid: SubscriptionId): ClientSubscription | undefined {
    if (this.#last?.sid !== sid) this.#last = this.#byId.get(sid);
    return this.#last;
  }

  /** Reports that messages of a subscription were dropped. */
  dropped({ of, messages }: Event & { event: "dropped" }): void {
    const subscription = this.find(of);
    if (subscription === undefined) return;
    this.#options.statuses.emit({ type: "slowConsumer", subscription, dropped: messages });
  }

  /** Removes a subscription and ends it. */
  end({ of, failure }: Event & { event: "unsubscribed" }): void {
    const subscription = this.find(of);
    this.#byId.delete(of);
    this.#last = undefined;
    subscription?.end(failure);
    if (subscription?.isRunning !== true) return;
    this.#running.add(subscription);
    void subscription.idle().then(() => this.#running.delete(subscription));
  }

  /** Runs the callbacks inside the hook `deliver`, or no longer. */
  observe(isObserved: boolean): void {
    if (isObserved === this.#isObserved) return;
    this.#isObserved = isObserved;
    for (const subscription of this.#byId.values()) subscription.observe(isObserved);
  }

  /** Stops calling every callback. */
  mute(): void {
    for (const subscription of this.busy()) subscription.mute();
  }

  /** Returns the subscriptions that have not ended. */
  list(): readonly ClientSubscription[] {
    return [...this.#byId.values()];
  }

  /** Returns the subscriptions that a drain waits for: those that have not ended, or whose callbacks have not settled. */
  busy(): readonly ClientSubscription[] {
    return [...this.#byId.values(), ...this.#running];
  }

  unsubscribe(sid: SubscriptionId, max?: number): void {
    this.#driver.session.unsubscribe(sid, max);
    this.#driver.schedule();
  }

  consumed(sid: SubscriptionId, messages: number, bytes: number): void {
    this.#driver.session.consumed(sid, messages, bytes);
    // Reading may resume a paused connection.
    this.#driver.schedule();
  }

  countsOf(sid: SubscriptionId): SubscriptionCounts | undefined {
    return this.#driver.session.countsOf(sid);
  }

  hooked(callback: (message: Message) => unknown, subscription: Subscription): (message: Message) => unknown {
    return this.#options.hooks.callback(callback, subscription);
  }

  thrown(error: unknown): void {
    this.#options.statuses.thrown(error);
  }

  flush(options: WaitOptions): Promise<void> {
    return this.#options.connection.flush(options);
  }

  async drainOne(sid: SubscriptionId, options: WaitOptions, then: () => Promise<void>): Promise<void> {
    const { operations, connection } = this.#options;
    const drained = operations.drained(sid).then(() => Promise.race([connection.closed, then()]));
    await withDeadline(drained, options, this.clock);
  }
}
