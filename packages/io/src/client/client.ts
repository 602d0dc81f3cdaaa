// SPDX-License-Identifier: Apache-2.0
import type { ServerInfo } from "@natswire/codec";
import {
  type ConnectionStats,
  defaults,
  type Event,
  type MessageData,
  type Outcome,
  type SubscriptionCounts,
  type SubscriptionId,
} from "@natswire/session";
import type { Clock } from "../clock.ts";
import { ConnectionError, errorOf, refusalOf } from "../connection-error.ts";
import { DeliveredMessage, type Message, type Payload, type PublishOptions, type Respond } from "../message.ts";
import { Failure } from "../outcome.ts";
import { NOTHING, outgoing, refilled, replyProblem } from "../outgoing.ts";
import type { Dial } from "../transport/transport.ts";
import { DRAIN_TIMEOUT_MS, type WaitOptions, withDeadline } from "../wait.ts";
import type { Connection, RequestManyOptions, RequestOptions, Status } from "./connection.ts";
import { type ConnectionOptions, listOf, resolveOptions } from "./connection-options.ts";
import { Operations } from "./operations.ts";
import type { Waiter } from "./pending.ts";
import { ReadyWaiters } from "./ready-waiters.ts";
import type { Replies } from "./replies.ts";
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

const NO_OPTIONS = {};
const closedError = (): ConnectionError => new ConnectionError("CLOSED", "the connection is closed");

/** The `Connection` that `connect` resolves with: a session, and what waits for it. */
export class Client implements Connection, SubscriptionHost {
  readonly #connected = withResolvers<void>();
  readonly #closing = withResolvers<ConnectionError | undefined>();
  readonly connected: Promise<void> = this.#connected.promise;
  readonly closed: Promise<ConnectionError | undefined> = this.#closing.promise;
  readonly #clock: Clock;
  readonly #driver: SessionDriver;
  readonly #operations: Operations;
  readonly #longestReply: number;
  readonly #statuses = new Statuses();
  readonly #subscriptions = new SubscriptionTable();
  readonly #respond: Respond = (...args) => this.#answer(...args);
  readonly #message = outgoing(NOTHING);
  readonly #readyWaiters = new ReadyWaiters();
  #draining: Promise<void> | undefined;
  #isClosed = false;

  constructor(dial: Dial, options: Omit<ConnectionOptions, "signal">) {
    const { config, authenticator, debug, clock, asyncTraces } = resolveOptions(options);
    this.#clock = clock;
    this.#driver = new SessionDriver({
      dial,
      config,
      clock,
      authenticator,
      debug: debug && this.#statuses.isolated(debug),
      onEvent: (event) => this.#onEvent(event),
      onMistake: this.#connected.reject,
    });
    const received = (message: MessageData): Message => this.#received(message);
    this.#operations = new Operations({ driver: this.#driver, clock, hasTraces: asyncTraces, received });
    // Two sizes with their blanks follow the subject.
    this.#longestReply = (config.maxControlLine ?? defaults.maxControlLine) - 22;
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

  request(subject: string, payload: Payload = NOTHING, options: RequestOptions = NO_OPTIONS): Promise<Message> {
    // Callbacks may send requests while the connection is drained.
    return this.#isClosed ? Promise.reject(closedError()) : this.#operations.request(subject, payload, options);
  }

  requestMany(subject: string, payload: Payload = NOTHING, options: RequestManyOptions = NO_OPTIONS): Replies {
    this.#checkNotClosed();
    return this.#operations.requestMany(subject, payload, options);
  }

  flush(options: WaitOptions = NO_OPTIONS): Promise<void> {
    return this.#isClosed ? Promise.reject(closedError()) : this.#operations.flush(options);
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

  setServers(servers: string | readonly string[]): void {
    this.#driver.session.setServers(listOf(servers));
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
  countsOf(sid: SubscriptionId): SubscriptionCounts | undefined {
    return this.#driver.session.countsOf(sid);
  }

  /** Called by its subscriptions, with what a callback threw or rejected with. */
  thrown(error: unknown): void {
    this.#statuses.thrown(error);
  }

  /** Called by its subscriptions. */
  async drainOne(sid: SubscriptionId, options: WaitOptions, then: () => Promise<void>): Promise<void> {
    const drained = this.#operations.drained(sid).then(() => Promise.race([this.closed, then()]));
    await withDeadline(drained, options, this.#clock);
  }

  async #emptied(): Promise<void> {
    const subscriptions = this.#subscriptions.list();
    const { unknown } = this.stats;
    await this.#operations.drained(undefined);
    await Promise.race([this.closed, Promise.all(subscriptions.map((one) => one.idle()))]);
    // Without a connection, and with nothing to send, there is nothing to wait for.
    if (this.info !== undefined || this.stats.buffered > 0) {
      await this.flush().catch(async (error) => {
        // If the program closed it meanwhile, the flush does not matter.
        const reason = this.#isClosed ? await this.closed : error;
        if (reason !== undefined) throw reason;
      });
    }
    // A program that closed it meanwhile does not wait for more.
    const isOwn = this.#isClosed && (await this.closed) === undefined;
    if (!isOwn && this.stats.unknown > unknown) {
      throw new ConnectionError("LOST", "the connection ended before the server confirmed every message");
    }
  }

  #onEvent(event: Event): void {
    switch (event.event) {
      case "message":
        return this.#deliver(event);
      case "reply":
        return (event.caller as Waiter).reply(event.message);
      case "failed": {
        const { reason, detail, denial } = event;
        return (event.caller as Waiter).fail(new Failure(() => new ConnectionError(reason, detail, denial)));
      }
      case "flushed":
      case "drained":
      case "answered":
        return (event.caller as Waiter).done();
      case "unsubscribed":
        return this.#subscriptions.end(event);
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

  #received(message: MessageData): Message {
    return new DeliveredMessage(message, this.#respond);
  }

  #deliver({ to, message }: Event & { event: "message" }): void {
    this.#subscriptions.find(to)?.deliver(this.#received(message));
  }

  /** Publishes an answer. The reply subject is the sender's choice, so nothing about it is an error of the program. */
  #answer(message: Message, payload?: Payload, options?: PublishOptions): boolean {
    if (this.#isClosed) return false;
    const detail = replyProblem(message, this.#longestReply);
    if (detail === undefined) this.publish(message.reply ?? "", payload, options);
    else this.#statuses.emit({ type: "error", error: new ConnectionError("REFUSED", detail) });
    return detail === undefined;
  }

  #dropped({ of, messages: dropped }: Event & { event: "dropped" }): void {
    const subscription = this.#subscriptions.find(of);
    if (subscription === undefined) return;
    this.#statuses.emit({ type: "slowConsumer", subscription, dropped });
  }

  #emit(event: Noteworthy): void {
    const status = statusOf(event);
    if (status !== undefined) this.#statuses.emit(status);
  }

  #closed({ reason, detail }: Event & { event: "closed" }): void {
    this.#isClosed = true;
    this.#connected.reject(new ConnectionError(reason, detail));
    this.#readyWaiters.notify();
    this.#statuses.emit({ type: "close" });
    this.#statuses.end();
    void this.#driver.closed.then(() => this.#closing.resolve(errorOf({ reason, detail })));
  }

  #checkNotClosed(): void {
    if (this.#isClosed) throw closedError();
  }

  #checkOpen(): void {
    this.#checkNotClosed();
    if (this.#draining !== undefined) throw new ConnectionError("DRAINING", "the connection is being drained");
  }
}
