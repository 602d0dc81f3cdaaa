// SPDX-License-Identifier: Apache-2.0
import { type Printable, printable, type ServerInfo } from "@natswire/codec";
import type { ConnectionStats, Event, MessageData, Outcome } from "@natswire/session";
import { defaults, formatEndpoint, newInbox } from "@natswire/session";
import type { Clock } from "../clock.ts";
import { ConnectionError, errorOf, failureOf, refusalOf } from "../connection-error.ts";
import {
  DeliveredMessage,
  type Message,
  type Payload,
  type PublishOptions,
  publishOptions,
  type Respond,
} from "../message.ts";
import { checkFunction, checkNoMore, checkOptions } from "../options.ts";
import { NOTHING, outgoing, refilled, replyProblem } from "../outgoing.ts";
import { random } from "../platform.ts";
import type { Dial } from "../transport/transport.ts";
import { checkWait, DRAIN_TIMEOUT_MS, type WaitOptions, withDeadline } from "../wait.ts";
import type { Connection, RequestManyOptions, RequestOptions, Status, StatusListenerOptions } from "./connection.ts";
import { type ConnectionOptions, listOf, resolveOptions, type ServerUrl } from "./connection-options.ts";
import { emptied } from "./drain.ts";
import { HookCalls } from "./hook-calls.ts";
import { Operations } from "./operations.ts";
import type { Waiter } from "./pending.ts";
import { ReadyWaiters } from "./ready-waiters.ts";
import type { Replies } from "./replies.ts";
import { SessionDriver } from "./session-driver.ts";
import { Statuses, statusOf } from "./statuses.ts";
import type { Subscription, SubscriptionOptions } from "./subscription.ts";
import { SubscriptionTable } from "./subscription-table.ts";
import { withResolvers } from "./with-resolvers.ts";

const NO_OPTIONS = {};

const Printed: Printable = /* @__PURE__ */ printable("Connection");

/** The `Connection` that `connect` resolves with: a session, and what waits for it. */
export class Client extends Printed implements Connection {
  readonly #connected = withResolvers<void>();
  readonly #closing = withResolvers<ConnectionError | undefined>();
  readonly connected: Promise<void> = this.#connected.promise;
  readonly closed: Promise<ConnectionError | undefined> = this.#closing.promise;
  readonly #clock: Clock;
  readonly inboxPrefix: string;
  readonly #name: string | undefined;
  readonly #driver: SessionDriver;
  readonly #operations: Operations;
  readonly #longestReply: number;
  readonly #hooks: HookCalls;
  readonly #statuses = new Statuses((status) => this.#hooks.status(status));
  readonly #subscriptions: SubscriptionTable;
  /** Publishes an answer. The sender chose the reply subject, so a bad one is a status, not an error of the call. */
  readonly #respond: Respond = (message, payload, options) => {
    if (this.#isClosed) return false;
    checkOptions(options, publishOptions, "respond");
    let problem = replyProblem(message, this.#longestReply);
    if (problem === undefined && this.#send(message.reply ?? "", payload, options) === "refused")
      problem = refusalOf(this.#driver.session).message;
    if (problem === undefined) return true;
    const detail = `no answer is possible to a message on ${JSON.stringify(message.subject)}: ${problem}`;
    this.#statuses.emit({ type: "error", error: new ConnectionError("REFUSED", detail) });
    return false;
  };
  readonly #received = (message: MessageData): Message => new DeliveredMessage(message, this.#respond);
  readonly #message = outgoing(NOTHING);
  readonly #readyWaiters = new ReadyWaiters();
  #draining: Promise<void> | undefined;
  #isClosed = false;
  #closedDetail = "the connection is closed";

  constructor(dial: Dial, options: Omit<ConnectionOptions, "signal">) {
    super();
    const resolved = resolveOptions(options, dial);
    const { config, onStatus, debug, clock, asyncTraces, hooks } = resolved;
    this.#hooks = new HookCalls(hooks, this, (error) => this.#statuses.thrown(error));
    if (onStatus !== undefined) this.#statuses.listen(onStatus);
    this.#clock = clock;
    this.#driver = new SessionDriver({
      ...resolved,
      dial,
      debug: debug && ((connection) => debug.open(connection, (error) => this.#statuses.thrown(error))),
      onTurn: () => this.#subscriptions.observe(this.#hooks.refresh()),
      onEvent: (event) => this.#onEvent(event),
    });
    const shared = { driver: this.#driver, hooks: this.#hooks, clock };
    this.#operations = new Operations({ ...shared, hasTraces: asyncTraces, received: this.#received });
    const [operations, statuses] = [this.#operations, this.#statuses];
    this.#subscriptions = new SubscriptionTable({ ...shared, connection: this, operations, statuses });
    this.#name = config.name;
    this.inboxPrefix = config.inboxPrefix ?? defaults.inboxPrefix;
    // Two sizes with their blanks follow the subject.
    this.#longestReply = (config.maxControlLine ?? defaults.maxControlLine) - 22;
  }

  get info(): ServerInfo | undefined {
    return this.#driver.session.info;
  }

  get server(): string | undefined {
    const { endpoint } = this.#driver.session;
    return endpoint && formatEndpoint(endpoint);
  }

  get isConnected(): boolean {
    return this.info !== undefined;
  }

  get isDraining(): boolean {
    return this.#draining !== undefined && !this.#isClosed;
  }

  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions.list();
  }

  get stats(): ConnectionStats {
    return this.#driver.session.stats;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  toJSON(): object {
    const { server, isConnected, isDraining, isClosed, subscriptions, stats } = this;
    return { name: this.#name, server, isConnected, isDraining, isClosed, subscriptions: subscriptions.length, stats };
  }

  publish(subject: string, payload: Payload = NOTHING, options?: PublishOptions): boolean {
    this.#checkNotClosed();
    checkOptions(options, publishOptions, "publish");
    const outcome = this.#send(subject, payload, options);
    if (outcome === "refused") throw refusalOf(this.#driver.session);
    return outcome === "accepted";
  }

  async ready(options: WaitOptions = {}): Promise<void> {
    checkWait(options, "ready");
    if (!this.#isClosed && this.#driver.session.isFull) await this.#readyWaiters.wait(options, this.#clock);
  }

  newInbox(): string {
    return newInbox(this.inboxPrefix, random);
  }

  subscribe(
    subject: string,
    given: SubscriptionOptions | ((message: Message) => unknown) = {},
    ...more: unknown[]
  ): Subscription {
    checkNoMore(more, "subscribe(subject, { queue, callback })");
    this.#checkOpen();
    return this.#subscriptions.subscribe(subject, typeof given === "function" ? { callback: given } : given);
  }

  request(subject: string, payload: Payload = NOTHING, options: RequestOptions = NO_OPTIONS): Promise<Message> {
    // Callbacks may send requests while the connection is drained.
    return this.#isClosed ? Promise.reject(this.#closedError()) : this.#operations.request(subject, payload, options);
  }

  requestMany(subject: string, payload: Payload = NOTHING, options: RequestManyOptions = NO_OPTIONS): Replies {
    this.#checkNotClosed();
    return this.#operations.requestMany(subject, payload, options);
  }

  async flush(options: WaitOptions = NO_OPTIONS): Promise<void> {
    this.#checkNotClosed();
    await this.#operations.flush(options);
  }

  async rtt(options: WaitOptions = {}): Promise<number> {
    checkWait(options, "rtt");
    const began = this.#driver.now();
    await this.flush(options);
    return this.#driver.now() - began;
  }

  async drain(options: WaitOptions = {}): Promise<void> {
    checkWait(options, "drain");
    // The options of a second call end its own wait only.
    if (this.#draining !== undefined) return withDeadline(this.#draining, options, this.#clock);
    this.#draining = this.#drain(options);
    await this.#draining;
  }

  async #drain({ timeout = DRAIN_TIMEOUT_MS, signal }: WaitOptions): Promise<void> {
    this.#checkOpen();
    try {
      const done = emptied(this, this.#operations, this.#subscriptions.busy());
      await withDeadline(done, { timeout, signal }, this.#clock);
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
    // At once: what the old transport still reports must not reach the new connection.
    this.#driver.pump();
  }

  setServers(servers: ServerUrl | readonly ServerUrl[]): void {
    this.#driver.setServers(listOf(servers));
  }

  status(): AsyncIterableIterator<Status> {
    return this.#statuses.iterate();
  }

  onStatus(listener: (status: Status) => void, options?: StatusListenerOptions): () => void {
    checkFunction("listener", listener ?? null);
    checkOptions(options, ["passive"], "onStatus");
    return this.#statuses.listen(listener, options?.passive);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onEvent(event: Event): void {
    switch (event.event) {
      case "message":
        return this.#subscriptions.find(event.to)?.deliver(this.#received(event.message));
      case "reply":
        return (event.caller as Waiter).reply(event.message);
      case "failed":
        return (event.caller as Waiter).fail(failureOf(event));
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
      case "dropped":
        return this.#subscriptions.dropped(event);
      default:
        if (event.event === "connected") this.#connected.resolve();
        this.#statuses.emit(statusOf(event));
    }
  }

  #send(subject: string, payload: Payload = NOTHING, options?: PublishOptions): Outcome {
    this.#driver.schedule();
    const hook = this.#hooks.publish;
    if (hook === undefined) return this.#publish(subject, payload, options);
    return this.#hooks.send(hook, [subject, payload, options], (...changed) => this.#publish(subject, ...changed));
  }

  #publish(subject: string, payload: Payload, options: PublishOptions | undefined): Outcome {
    return this.#driver.session.publish(subject, refilled(this.#message, payload, options));
  }

  #closed({ reason, detail }: Event & { event: "closed" }): void {
    this.#isClosed = true;
    if (reason !== "CLOSED") this.#closedDetail += `: ${detail}`;
    this.#connected.reject(new ConnectionError(reason, detail));
    this.#readyWaiters.notify();
    this.#statuses.emit({ type: "close" });
    this.#statuses.end();
    void this.#driver.closed.then(() => this.#closing.resolve(errorOf({ reason, detail })));
  }

  #closedError(): ConnectionError {
    return new ConnectionError("CLOSED", this.#closedDetail);
  }

  #checkNotClosed(): void {
    if (this.#isClosed) throw this.#closedError();
  }

  #checkOpen(): void {
    this.#checkNotClosed();
    if (this.#draining !== undefined) throw new ConnectionError("DRAINING", "the connection is being drained");
  }
}
