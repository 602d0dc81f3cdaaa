// SPDX-License-Identifier: Apache-2.0
import type { ServerInfo } from "@natswire/codec";
import type { ConnectionStats, Event, MessageData, Outcome, SubscriptionId } from "@natswire/session";
import type { Clock } from "../clock.ts";
import { ConnectionError, errorOf, refusalOf } from "../connection-error.ts";
import { DeliveredMessage, type Message, type Payload, type Publish, type PublishOptions } from "../message.ts";
import { NOTHING, outgoing, refilled } from "../outgoing.ts";
import type { Dial } from "../transport/transport.ts";
import { DRAINING, type WaitOptions, withDeadline } from "../wait.ts";
import type { Connection, RequestManyOptions, RequestOptions, Status } from "./connection.ts";
import { type ConnectionOptions, listOf, resolveOptions } from "./connection-options.ts";
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

/** A client of a session and its connections. */
export class Client implements Connection, SubscriptionHost {
  readonly connected: Promise<void>;
  readonly closed: Promise<ConnectionError | undefined>;
  readonly #clock: Clock;
  readonly #run: SessionDriver;
  readonly #answers: PendingReplies;
  readonly #statuses = new Statuses();
  readonly #subscriptions = new Map<SubscriptionId, ClientSubscription>();
  // Where one message went, the next one goes.
  #last: ClientSubscription | undefined;
  readonly #respond: Publish = (subject, payload, options) => this.publish(subject, payload, options);
  readonly #message = outgoing(NOTHING);
  readonly #relief = new ReadyWaiters();
  #draining: Promise<void> | undefined;
  #isClosed = false;
  #begin!: () => void;
  #refuse!: (error: ConnectionError) => void;
  #end!: (error: ConnectionError | undefined) => void;

  constructor(dial: Dial, options: Omit<ConnectionOptions, "signal">) {
    const { config, authenticator, debug, clock, asyncTraces } = resolveOptions(options);
    this.connected = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#refuse = reject;
    });
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#clock = clock;
    const told = debug && this.#statuses.isolated(debug);
    this.#run = new SessionDriver(dial, config, clock, authenticator, told, (event) => this.#hear(event));
    this.#answers = new PendingReplies((ticket) => this.#run.session.cancel(ticket), asyncTraces);
  }

  get info(): ServerInfo | undefined {
    return this.#run.session.info;
  }

  get stats(): ConnectionStats {
    return this.#run.session.stats;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  publish(subject: string, payload: Payload = NOTHING, options?: PublishOptions): boolean {
    this.#checkThere();
    const outcome: Outcome = this.#run.session.publish(subject, refilled(this.#message, payload, options));
    if (outcome === "refused") throw refusalOf(this.#run.session);
    this.#run.schedule();
    return outcome === "accepted";
  }

  ready(patience: WaitOptions = {}): Promise<void> {
    if (this.#isClosed || !this.#run.session.isFull) return Promise.resolve();
    return this.#relief.wait(patience, this.#clock);
  }

  subscribe(subject: string, options: SubscriptionOptions = {}): Subscription {
    this.#checkOpen();
    if (options.signal?.aborted === true) throw options.signal.reason;
    const sid = this.#run.session.subscribe(subject, limited(options));
    const subscription = new ClientSubscription(subject, sid, options, this);
    this.#subscriptions.set(sid, subscription);
    this.#run.schedule();
    return subscription;
  }

  async request(subject: string, payload: Payload = NOTHING, options: RequestOptions = {}): Promise<Message> {
    this.#checkOpen();
    const { headers, timeout = 1000, noMux, reply, signal } = options;
    const message = outgoing(payload, headers);
    const { session } = this.#run;
    const ask = (): number => session.request(subject, message, { timeout, noMux, reply }, this.#run.now());
    const replied = this.#answers.one(ask, signal, (message) => this.#received(message));
    this.#run.schedule();
    return replied;
  }

  requestMany(subject: string, payload: Payload = NOTHING, options: RequestManyOptions = {}): Replies {
    this.#checkOpen();
    const { headers, maxWait: timeout = 1000, noMux, reply, signal } = options;
    const message = outgoing(payload, headers);
    const asking = { timeout, noMux, reply, many: manyOf(options) };
    const replies: Replies = new Replies(
      (message) => this.#received(message),
      (reason) => this.#answers.giveUp(ticket, reason),
    );
    const ask = (): number => this.#run.session.request(subject, message, asking, this.#run.now());
    const ticket = this.#answers.add(ask, signal, replies);
    this.#run.schedule();
    return replies;
  }

  async flush(patience: WaitOptions = {}): Promise<void> {
    this.#checkThere();
    const flushed = this.#answers.done(() => this.#run.session.flush(this.#run.now()));
    this.#run.schedule();
    return withDeadline(flushed, patience, this.#clock);
  }

  async rtt(patience: WaitOptions = {}): Promise<number> {
    const began = this.#run.now();
    await this.flush(patience);
    return this.#run.now() - began;
  }

  drain(patience: WaitOptions = {}): Promise<void> {
    this.#draining ??= this.#drain(patience);
    return this.#draining;
  }

  async #drain({ timeout = DRAINING, signal }: WaitOptions): Promise<void> {
    this.#checkOpen();
    try {
      await withDeadline(this.#emptied(), { timeout, signal }, this.#clock);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // What was read already is told behind this, and no callback would expect it.
    for (const subscription of this.#subscriptions.values()) subscription.mute();
    this.#run.session.close(this.#run.now());
    this.#run.pump();
    await this.closed;
  }

  reconnect(): void {
    this.#run.session.reconnect(this.#run.now());
    this.#run.schedule();
  }

  setServers(servers: string | readonly string[]): void {
    this.#run.session.setServers(listOf(servers));
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

  /** @internal For its subscriptions. */
  unsubscribe(sid: SubscriptionId, max?: number): void {
    this.#run.session.unsubscribe(sid, max);
    this.#run.schedule();
  }

  /** @internal For its subscriptions. */
  consumed(sid: SubscriptionId, messages: number, bytes: number): void {
    this.#run.session.consumed(sid, messages, bytes);
    // It may be what everybody waited for.
    this.#run.schedule();
  }

  /** @internal For its subscriptions. */
  async drainOne(sid: SubscriptionId, patience: WaitOptions, then: () => Promise<void>): Promise<void> {
    const drained = this.#drained(sid).then(() => Promise.race([this.closed, then()]));
    await withDeadline(drained, patience, this.#clock);
  }

  async #emptied(): Promise<void> {
    const subscriptions = [...this.#subscriptions.values()];
    const { unknown } = this.stats;
    await this.#drained(undefined);
    await Promise.race([this.closed, Promise.all(subscriptions.map((one) => one.read()))]);
    await this.flush().catch(async (error) => {
      // Whoever closes it meanwhile does not want to wait.
      const reason = this.#isClosed ? await this.closed : error;
      if (reason !== undefined) throw reason;
    });
    if (!this.#isClosed && this.stats.unknown > unknown) {
      throw new ConnectionError("LOST", "messages were under way");
    }
  }

  /** Nothing comes any more, be it because everything has, or because the connection is gone. */
  #drained(sid: SubscriptionId | undefined): Promise<void> {
    const drained = this.#answers.done(() => this.#run.session.drain(this.#run.now(), sid));
    this.#run.schedule();
    return drained.catch(() => {});
  }

  #hear(event: Event): void {
    switch (event.event) {
      case "message":
        return this.#deliver(event);
      case "reply":
        return this.#answers.replied(event.ticket, event.message);
      case "failed":
        return this.#answers.failed(event.ticket, new ConnectionError(event.reason, event.detail));
      case "flushed":
      case "drained":
      case "answered":
        return this.#answers.answered(event.ticket);
      case "unsubscribed": {
        const subscription = this.#subscriptions.get(event.of);
        this.#subscriptions.delete(event.of);
        this.#last = undefined;
        return subscription?.end(
          errorOf(event.reason, event.reason === "SLOW" ? "it did not keep up" : "the subscription ended"),
        );
      }
      case "ready":
        return this.#relief.tell();
      case "forget":
        return this.#subscriptions.get(event.of)?.forget(event.messages);
      case "closed":
        return this.#closed(event);
      case "connected":
        this.#begin();
        return this.#tell(event);
      case "dropped":
        return this.#dropped(event);
      default:
        return this.#tell(event);
    }
  }

  #deliver({ to, message }: Event & { event: "message" }): void {
    try {
      if (this.#last?.sid !== to) this.#last = this.#subscriptions.get(to);
      const done = this.#last?.deliver(this.#received(message));
      if (done !== undefined) this.#statuses.watch(done);
    } catch (error) {
      // A callback of somebody else's: the other messages are delivered all the same.
      this.#statuses.thrown(error);
    }
  }

  #dropped({ of, messages: dropped }: Event & { event: "dropped" }): void {
    const subscription = this.#subscriptions.get(of);
    if (subscription === undefined) return;
    subscription.dropped += dropped;
    this.#statuses.tell({ type: "slowConsumer", subscription, dropped });
  }

  #tell(event: Noteworthy): void {
    const status = statusOf(event);
    if (status !== undefined) this.#statuses.tell(status);
  }

  #closed({ reason, detail }: Event & { event: "closed" }): void {
    this.#isClosed = true;
    this.#refuse(new ConnectionError(reason, detail));
    this.#relief.tell();
    this.#statuses.tell({ type: "close" });
    this.#statuses.end();
    void this.#run.left.then(() => this.#end(errorOf(reason, detail)));
  }

  #received(message: MessageData): Message {
    return new DeliveredMessage(message, this.#respond);
  }

  #checkThere(): void {
    if (this.#isClosed) throw new ConnectionError("CLOSED", "the connection is closed");
  }

  #checkOpen(): void {
    this.#checkThere();
    if (this.#draining !== undefined) throw new ConnectionError("DRAINING", "the connection is being drained");
  }
}
