// SPDX-License-Identifier: Apache-2.0
import {
  type Deferred,
  deferred,
  errors,
  type Msg,
  type MsgCallback,
  QueuedIteratorImpl,
  type Subscription,
  type SubscriptionOptions,
  type Timeout,
  timeout,
} from "@nats-io/nats-core/internal";
import type {
  Connection,
  Message,
  ConnectionError as NatswireError,
  Subscription as NatswireSubscription,
} from "@natswire/io/client";
import { toNatsError } from "./errors.ts";
import type { Publisher } from "./publisher.ts";
import { ReceivedMsg } from "./received-msg.ts";

/** What a subscription needs of its connection. */
export interface SubscriptionOwner {
  readonly connection: Connection;
  readonly publisher: Publisher;
  isDraining(): boolean;
  /** Called if `pending` messages wait for the loop, more than its option `slow`. */
  lagging(subscription: Subscription, pending: number): void;
}

/** A subscription of nats.js. `resubscribe` gives it another subject, with another subscription of natswire below it. */
export class QueuedSubscription extends QueuedIteratorImpl<Msg> implements Subscription {
  readonly closed: Deferred<Error | undefined> = deferred();
  callback: MsgCallback<Msg>;
  readonly #owner: SubscriptionOwner;
  readonly #queue: string | undefined;
  readonly #slow: number;
  #isLagging = false;
  #source: NatswireSubscription;
  // Messages that came before the current source.
  #receivedBefore = 0;
  #max: number | undefined;
  #timer: Timeout<void> | undefined;
  #drained: Promise<void> | undefined;

  constructor(owner: SubscriptionOwner, subject: string, options: SubscriptionOptions) {
    super();
    this.#owner = owner;
    this.#queue = options.queue || undefined;
    this.#slow = options.slow ?? Number.POSITIVE_INFINITY;
    this.#max = options.max || undefined;
    this.noIterator = typeof options.callback === "function";
    this.callback = options.callback ?? ((error, message) => this.#enqueue(error, message));
    this.#source = this.#open(subject, this.#max);
    if (options.timeout) this.#startTimer(options.timeout);
    // A loop that ends, also by `break`, ends the subscription.
    if (!this.noIterator) {
      void this.iterClosed.then((error) => {
        this.closed.resolve(error || undefined);
        this.unsubscribe();
      });
    }
  }

  /** Changes to another subject. natswire drops the messages for the old one that are still on their way. */
  resubscribe(subject: string, max?: number): void {
    const old = this.#source;
    this.#source = this.#open(subject, max);
    this.#receivedBefore = this.received;
    this.#max = max === undefined ? undefined : max + this.received;
    old.unsubscribe();
  }

  unsubscribe(max?: number): void {
    const rest = (max ?? 0) - this.#receivedBefore;
    if (rest > this.#source.received) {
      this.#max = max;
      return this.#source.unsubscribe(rest);
    }
    this.#source.unsubscribe();
    this.#end(undefined);
  }

  drain(): Promise<void> {
    if (this.#owner.connection.isClosed) return Promise.reject(new errors.ClosedConnectionError());
    if (this.isClosed()) return Promise.reject(new errors.InvalidOperationError("subscription is already closed"));
    // However the drain ends, the subscription has ended.
    this.#drained ??= this.#source.drain().then(
      () => this.#end(undefined),
      () => this.#end(undefined),
    );
    return this.#drained;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#owner.connection.isClosed && !this.isClosed()) await this.drain();
  }

  isDraining(): boolean {
    return this.#drained !== undefined || this.#owner.isDraining();
  }

  isClosed(): boolean {
    return this.done;
  }

  getSubject(): string {
    return this.#source.subject;
  }

  getMax(): number | undefined {
    return this.#max;
  }

  getID(): number {
    return this.#source.sid;
  }

  #open(subject: string, max: number | undefined): NatswireSubscription {
    const { connection } = this.#owner;
    try {
      const source = connection.subscribe(subject, {
        queue: this.#queue,
        max,
        callback: (message) => this.#deliver(message),
      });
      // The source before `resubscribe` ends, too.
      void source.closed.then((error) => {
        if (source === this.#source) this.#ended(error);
      });
      return source;
    } catch (error) {
      throw toNatsError(error, subject);
    }
  }

  #deliver(message: Message): void {
    this.received++;
    this.#call(null, new ReceivedMsg(message, this.#source.sid, this.#owner.publisher) as Msg);
  }

  #call(error: Error | null, message: Msg): void {
    try {
      this.callback(error, message);
    } catch (thrown) {
      // Uncaught: natswire would report it to the status listeners of the modules, which ignore errors.
      void Promise.reject(thrown);
    }
  }

  #enqueue(error: Error | null, message: Msg): void {
    this.#stopTimer();
    if (error !== null) return this.stop(error);
    this.push(message);
    const pending = this.getPending();
    const isLagging = pending > this.#slow;
    if (isLagging && !this.#isLagging) this.#owner.lagging(this, pending);
    this.#isLagging = isLagging;
  }

  #ended(failure: NatswireError | undefined): void {
    if (this.isClosed()) return;
    const error = failure && toNatsError(failure, this.getSubject());
    // The server refused this subscription. Others end with their connection.
    if (error !== undefined && failure?.denial !== undefined) this.#call(error, {} as Msg);
    this.#end(error);
  }

  /** Ends the subscription: a loop after it has read what waits. */
  #end(error: Error | undefined): void {
    this.#stopTimer();
    const end = (): void => {
      this.stop();
      this.closed.resolve(error);
    };
    if (this.noIterator) end();
    else this.push(end);
  }

  /** Ends the subscription after this time. A message stops the timer of a loop, but not of a callback, as in nats-core. */
  #startTimer(milliseconds: number): void {
    const { noAsyncTraces } = this.#owner.publisher.options;
    this.#timer = timeout(milliseconds, noAsyncTraces !== true);
    this.#timer.catch((error: Error) => {
      if (!this.noIterator) return this.stop(error);
      this.#source.unsubscribe();
      this.#call(error, {} as Msg);
      this.#end(error);
    });
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
