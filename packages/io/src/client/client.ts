// SPDX-License-Identifier: Apache-2.0
import type { ServerInfo } from "@natswire/codec";
import type { ConnectionStats, Event, MessageData, Outcome, SubscriptionId } from "@natswire/session";
import type { Clock } from "../clock.ts";
import { ConnectionError, errorOf, refusalOf } from "../connection-error.ts";
import { DeliveredMessage, type Message, type Payload, type Publish, type PublishOptions } from "../message.ts";
import { NOTHING, outgoing, refilled } from "../outgoing.ts";
import type { Dial } from "../transport/transport.ts";
import { DRAIN_TIMEOUT_MS, type WaitOptions, withDeadline } from "../wait.ts";
import type { Connection, RequestManyOptions, RequestOptions, Status } from "./connection.ts";
import { type ConnectionOptions, listOf, resolveOptions, type ServerUrl } from "./connection-options.ts";
import { PendingReplies } from "./pending-replies.ts";
import { ReadyWaiters } from "./ready-waiters.ts";
import { manyOf, Replies } from "./replies.ts";
import { SessionDriver } from "./session-driver.ts";
import { type Noteworthy, Statuses, statusOf } from "./statuses.ts";
import {
  ClientSubscription,
  limited,
  type Subscription,
  type SubscriptionHost,
  type SubscriptionOptions,
} from "./subscription.ts";
import { SubscriptionTable } from "./subscription-table.ts";
import { withResolvers } from "./with-resolvers.ts";

/** The `Connection` that `connect` resolves with: a session, and what waits for it. */
export class Client implements Connection, SubscriptionHost {
  readonly #connected = withResolvers<void>();
  readonly #closing = withResolvers<ConnectionError | undefined>();
  readonly connected: Promise<void> = this.#connected.promise;
  readonly closed: Promise<ConnectionError | undefined> = this.#closing.promise;
  readonly #clock: Clock;
  readonly #driver: SessionDriver;
  readonly #replies: PendingReplies;
  readonly #statuses = new Statuses();
  readonly #subscriptions = new SubscriptionTable();
  readonly #respond: Publish = (subject, payload, options) => this.publish(subject, payload, options);
  readonly #message = outgoing(NOTHING);
  readonly #readyWaiters = new ReadyWaiters();
  #draining: Promise<void> | undefined;
  #isClosed = false;

  constructor(dial: Dial, options: Omit<ConnectionOptions, "signal">) {
    const { config, authenticator, resolve, onStatus, debug, clock, asyncTraces } = resolveOptions(options, dial);
    if (onStatus !== undefined) this.#statuses.listen(onStatus);
    this.#clock = clock;
    this.#driver = new SessionDriver({
      dial,
      config,
      clock,
      authenticator,
      resolve,
      debug: debug && this.#statuses.isolated(debug),
      onEvent: (event) => this.#onEvent(event),
    });
    this.#replies = new PendingReplies((ticket) => this.#driver.session.cancel(ticket), asyncTraces);
  }

  get info(): ServerInfo | undefined {
    return this.#driver.session.info;
  }

  get stats(): ConnectionStats {
    return this.#driver.session.stats;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  publish(subject: string, payload: Payload = NOTHING, options?: PublishOptions): boolean {
    this.#checkNotClosed();
    const outcome: Outcome = this.#driver.session.publish(subject, refilled(this.#message, payload, options));
    if (outcome === "refused") throw refusalOf(this.#driver.session);
    this.#driver.schedule();
    return outcome === "accepted";
  }

  ready(options: WaitOptions = {}): Promise<void> {
    if (this.#isClosed || !this.#driver.session.isFull) return Promise.resolve();
    return this.#readyWaiters.wait(options, this.#clock);
  }

  subscribe(subject: string, options: SubscriptionOptions = {}): Subscription {
    this.#checkOpen();
    if (options.signal?.aborted === true) throw options.signal.reason;
    const sid = this.#driver.session.subscribe(subject, limited(options));
    const subscription = new ClientSubscription(subject, sid, options, this);
    this.#subscriptions.add(subscription);
    this.#driver.schedule();
    return subscription;
  }

  async request(subject: string, payload: Payload = NOTHING, options: RequestOptions = {}): Promise<Message> {
    this.#checkOpen();
    const { headers, timeout = 1000, noMux, reply, signal } = options;
    const message = outgoing(payload, headers);
    const { session } = this.#driver;
    const ask = (): number => session.request(subject, message, { timeout, noMux, reply }, this.#driver.now());
    const replied = this.#replies.one(ask, signal, (message) => this.#received(message));
    this.#driver.schedule();
    return replied;
  }

  requestMany(subject: string, payload: Payload = NOTHING, options: RequestManyOptions = {}): Replies {
    this.#checkOpen();
    const { headers, maxWait: timeout = 1000, noMux, reply, signal } = options;
    const message = outgoing(payload, headers);
    const asking = { timeout, noMux, reply, many: manyOf(options) };
    const replies: Replies = new Replies(
      (message) => this.#received(message),
      (reason) => this.#replies.giveUp(ticket, reason),
    );
    const ask = (): number => this.#driver.session.request(subject, message, asking, this.#driver.now());
    const ticket = this.#replies.add(ask, signal, replies);
    this.#driver.schedule();
    return replies;
  }

  async flush(options: WaitOptions = {}): Promise<void> {
    this.#checkNotClosed();
    const flushed = this.#replies.done(() => this.#driver.session.flush(this.#driver.now()));
    this.#driver.schedule();
    return withDeadline(flushed, options, this.#clock);
  }

  async rtt(options: WaitOptions = {}): Promise<number> {
    const began = this.#driver.now();
    await this.flush(options);
    return this.#driver.now() - began;
  }

  drain(options: WaitOptions = {}): Promise<void> {
    this.#draining ??= this.#drain(options);
    return this.#draining;
  }

  async #drain({ timeout = DRAIN_TIMEOUT_MS, signal }: WaitOptions): Promise<void> {
    this.#checkOpen();
    try {
      await withDeadline(this.#emptied(), { timeout, signal }, this.#clock);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // Messages that were received already are delivered after this: callbacks no longer run.
    this.#subscriptions.mute();
    this.#driver.session.close(this.#driver.now());
    this.#driver.pump();
    await this.closed;
  }

  reconnect(): void {
    this.#driver.session.reconnect(this.#driver.now());
    this.#driver.schedule();
  }

  setServers(servers: ServerUrl | readonly ServerUrl[]): void {
    this.#driver.setServers(listOf(servers));
  }

  status(): AsyncIterableIterator<Status> {
    return this.#statuses.iterate();
  }

  onStatus(listener: (status: Status) => void): () => void {
    return this.#statuses.listen(listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Called by its subscriptions. */
  unsubscribe(sid: SubscriptionId, max?: number): void {
    this.#driver.session.unsubscribe(sid, max);
    this.#driver.schedule();
  }

  /** Called by its subscriptions. */
  consumed(sid: SubscriptionId, messages: number, bytes: number): void {
    this.#driver.session.consumed(sid, messages, bytes);
    // Reading may resume a paused connection.
    this.#driver.schedule();
  }

  /** Called by its subscriptions. */
  async drainOne(sid: SubscriptionId, options: WaitOptions, then: () => Promise<void>): Promise<void> {
    const drained = this.#drained(sid).then(() => Promise.race([this.closed, then()]));
    await withDeadline(drained, options, this.#clock);
  }

  async #emptied(): Promise<void> {
    const subscriptions = this.#subscriptions.list();
    const { unknown } = this.stats;
    await this.#drained(undefined);
    await Promise.race([this.closed, Promise.all(subscriptions.map((one) => one.read()))]);
    await this.flush().catch(async (error) => {
      // If the program closed it meanwhile, the flush does not matter.
      const reason = this.#isClosed ? await this.closed : error;
      if (reason !== undefined) throw reason;
    });
    if (!this.#isClosed && this.stats.unknown > unknown) {
      throw new ConnectionError("LOST", "the connection ended before the server confirmed every message");
    }
  }

  /** Resolves after the last message of a subscription (or of all) has come, or the connection has ended. */
  #drained(sid: SubscriptionId | undefined): Promise<void> {
    const drained = this.#replies.done(() => this.#driver.session.drain(this.#driver.now(), sid));
    this.#driver.schedule();
    return drained.catch(() => {});
  }

  #onEvent(event: Event): void {
    switch (event.event) {
      case "message":
        return this.#deliver(event);
      case "reply":
        return this.#replies.replied(event.ticket, event.message);
      case "failed":
        return this.#replies.failed(event.ticket, new ConnectionError(event.reason, event.detail));
      case "flushed":
      case "drained":
      case "answered":
        return this.#replies.answered(event.ticket);
      case "unsubscribed":
        return this.#subscriptions.end(event.of, event.reason);
      case "ready":
        return this.#readyWaiters.notify();
      case "forget":
        return this.#subscriptions.find(event.of)?.forget(event.messages);
      case "closed":
        return this.#closed(event);
      case "connected":
        this.#connected.resolve();
        return this.#emit(event);
      case "dropped":
        return this.#dropped(event);
      default:
        return this.#emit(event);
    }
  }

  #deliver({ to, message }: Event & { event: "message" }): void {
    try {
      const done = this.#subscriptions.find(to)?.deliver(this.#received(message));
      if (done !== undefined) this.#statuses.watch(done);
    } catch (error) {
      // A callback threw: the other messages are delivered all the same.
      this.#statuses.thrown(error);
    }
  }

  #dropped({ of, messages: dropped }: Event & { event: "dropped" }): void {
    const subscription = this.#subscriptions.find(of);
    if (subscription === undefined) return;
    subscription.dropped += dropped;
    this.#statuses.emit({ type: "slowConsumer", subscription, dropped });
  }

  #emit(event: Noteworthy): void {
    this.#statuses.emit(statusOf(event));
  }

  #closed({ reason, detail }: Event & { event: "closed" }): void {
    this.#isClosed = true;
    this.#connected.reject(new ConnectionError(reason, detail));
    this.#readyWaiters.notify();
    this.#statuses.emit({ type: "close" });
    this.#statuses.end();
    void this.#driver.closed.then(() => this.#closing.resolve(errorOf(reason, detail)));
  }

  #received(message: MessageData): Message {
    return new DeliveredMessage(message, this.#respond);
  }

  #checkNotClosed(): void {
    if (this.#isClosed) throw new ConnectionError("CLOSED", "the connection is closed");
  }

  #checkOpen(): void {
    this.#checkNotClosed();
    if (this.#draining !== undefined) throw new ConnectionError("DRAINING", "the connection is being drained");
  }
}
