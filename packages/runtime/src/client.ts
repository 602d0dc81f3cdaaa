// SPDX-License-Identifier: Apache-2.0
import { encodeHeaders, type ServerInfo, UsageError } from "@natswire/codec";
import type { Event, Outcome, Reason, SessionStats, SubscriptionId, Ticket } from "@natswire/session";
import { type Clock, realClock } from "./clock.ts";
import type { ClientRequestOptions, Connection, Status } from "./connection.ts";
import { ConnectionError } from "./connection-error.ts";
import { type ConnectionOptions, understood } from "./connection-options.ts";
import { Mailbox } from "./mailbox.ts";
import { encoder, host } from "./platform.ts";
import { type Payload, type PublishOptions, Received } from "./received.ts";
import { SessionRun } from "./run-session.ts";
import { Subscription, type SubscriptionOptions } from "./subscription.ts";
import type { Dial } from "./transport.ts";

/**
 * Connects to a server.
 *
 * @throws ConnectionError where none lets it in
 * @throws UsageError where the options make no sense
 */
export async function connectWith(dial: Dial, options: ConnectionOptions = {}): Promise<Connection> {
  const client = new Client(dial, options);
  await client.connected;
  return client;
}

const NOTHING = /* @__PURE__ */ new Uint8Array(0);
const WATCHED = 1024;
const PATIENCE = 10_000;

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: ConnectionError): void;
}

class Client implements Connection {
  readonly connected: Promise<void>;
  readonly closed: Promise<ConnectionError | undefined>;
  readonly #clock: Clock;
  readonly #run: SessionRun;
  readonly #subscriptions = new Map<SubscriptionId, Subscription>();
  readonly #replies = new Map<Ticket, Waiter<Received>>();
  readonly #flushes = new Map<Ticket, Waiter<void>>();
  readonly #watchers = new Set<Mailbox<Status>>();
  #relieved: (() => void)[] = [];
  #drained: (() => void)[] = [];
  #isDraining = false;
  #isClosed = false;
  #settle!: Waiter<void>;
  #end!: (error: ConnectionError | undefined) => void;

  constructor(dial: Dial, options: ConnectionOptions) {
    const { config, authenticator } = understood(options);
    this.connected = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#clock = options.clock ?? realClock;
    this.#run = new SessionRun(dial, config, this.#clock, authenticator, (event) => this.#hear(event));
  }

  get info(): ServerInfo | undefined {
    return this.#run.session.info;
  }

  get stats(): SessionStats {
    return this.#run.session.stats;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  publish(subject: string, payload: Payload = NOTHING, { reply, headers }: PublishOptions = {}): boolean {
    if (this.#isClosed) throw new ConnectionError("CLOSED", "the connection is closed");
    const message = { reply, headers: headers && encodeHeaders(headers), payload: bytesOf(payload) };
    const outcome: Outcome = this.#run.session.publish(subject, message);
    if (outcome === "refused") throw new UsageError("TOO_LARGE", "too much waits to be sent: wait for ready()");
    this.#run.schedule();
    return outcome === "accepted";
  }

  ready(): Promise<void> {
    if (this.#isClosed || !this.#run.session.isCrowded) return Promise.resolve();
    return new Promise((resolve) => this.#relieved.push(resolve));
  }

  subscribe(subject: string, options: SubscriptionOptions = {}): Subscription {
    this.#checkOpen();
    const { callback, ...rest } = options;
    const sid = this.#run.session.subscribe(subject, rest);
    const subscription = new Subscription(subject, sid, { callback }, this);
    this.#subscriptions.set(sid, subscription);
    this.#run.schedule();
    return subscription;
  }

  async request(subject: string, payload: Payload = NOTHING, options: ClientRequestOptions = {}): Promise<Received> {
    this.#checkOpen();
    const { headers, timeout = 1000 } = options;
    const message = { headers: headers && encodeHeaders(headers), payload: bytesOf(payload) };
    const ticket = this.#run.session.request(subject, message, timeout, this.#run.now());
    this.#run.schedule();
    return new Promise((resolve, reject) => this.#replies.set(ticket, { resolve, reject }));
  }

  flush(): Promise<void> {
    const ticket = this.#run.session.flush(this.#run.now());
    this.#run.schedule();
    return new Promise((resolve, reject) => this.#flushes.set(ticket, { resolve, reject }));
  }

  async rtt(): Promise<number> {
    const began = this.#run.now();
    await this.flush();
    return this.#run.now() - began;
  }

  async drain(within: number = PATIENCE): Promise<void> {
    this.#checkOpen();
    this.#isDraining = true;
    let isLate = false;
    const cancel = this.#clock.after(within, () => {
      isLate = true;
      void this.close();
    });
    const subscriptions = [...this.#subscriptions.values()];
    this.#run.session.drain(this.#run.now());
    this.#run.schedule();
    await new Promise<void>((resolve) => this.#drained.push(resolve));
    await Promise.race([this.closed, Promise.all(subscriptions.map((one) => one.read()))]);
    if (!this.#isClosed) await this.flush().catch(() => {});
    cancel();
    await this.close();
    if (isLate) throw new ConnectionError("TIMEOUT", `not drained within ${within} ms`);
  }

  async close(): Promise<void> {
    this.#run.session.close(this.#run.now());
    this.#run.pump();
    await this.closed;
  }

  reconnect(): void {
    this.#run.session.reconnect(this.#run.now());
    this.#run.schedule();
  }

  status(): AsyncIterableIterator<Status> {
    const mailbox: Mailbox<Status> = new Mailbox(WATCHED, () => this.#watchers.delete(mailbox));
    if (this.#isClosed) mailbox.end();
    else this.#watchers.add(mailbox);
    return mailbox;
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

  #hear(event: Event): void {
    switch (event.event) {
      case "message":
        return this.#deliver(event);
      case "reply":
        return this.#take(this.#replies, event.ticket)?.resolve(this.#received(event.message));
      case "failed": {
        const waiter = this.#take(this.#replies, event.ticket) ?? this.#take(this.#flushes, event.ticket);
        return waiter?.reject(new ConnectionError(event.why, event.detail));
      }
      case "flushed":
        return this.#take(this.#flushes, event.ticket)?.resolve();
      case "unsubscribed": {
        const subscription = this.#subscriptions.get(event.of);
        this.#subscriptions.delete(event.of);
        return subscription?.end(errorOf(event.why, "the subscription was ended"));
      }
      case "ready":
        return this.#relieve();
      case "drained":
        return this.#wakeDrained();
      case "dropped": {
        const subscription = this.#subscriptions.get(event.of);
        if (subscription === undefined) return;
        subscription.dropped += event.messages;
        return this.#tell({ type: "slowConsumer", subscription, dropped: event.messages });
      }
      case "connected": {
        this.#settle.resolve();
        const { host, port } = event.to;
        if (event.again) this.#tell({ type: "reconnect", server: `${host}:${port}` });
        return;
      }
      case "disconnected":
        // What was under way is lost, and nothing more is waited for.
        this.#wakeDrained();
        return this.#tell({ type: "disconnect", error: new ConnectionError(event.why, event.detail) });
      case "reconnecting":
        return this.#tell({ type: "reconnecting", after: event.after });
      case "update":
        return this.#tell({ type: "update", ...event.servers });
      case "lame-duck":
        return this.#tell({ type: "ldm" });
      case "error":
        return this.#tell({ type: "error", error: new ConnectionError(event.why, event.detail) });
      case "closed":
        return this.#closed(event);
    }
  }

  #deliver({ to, message }: Event & { event: "message" }): void {
    try {
      this.#subscriptions.get(to)?.deliver(this.#received(message));
    } catch (error) {
      // A callback of somebody else's: the other messages are delivered all the same.
      if (this.#watchers.size > 0) return this.#tell({ type: "error", error });
      host.queueMicrotask(() => {
        throw error;
      });
    }
  }

  #closed({ why, detail }: Event & { event: "closed" }): void {
    this.#isClosed = true;
    this.#settle.reject(new ConnectionError(why, detail));
    this.#wakeDrained();
    this.#relieve();
    this.#tell({ type: "close" });
    for (const mailbox of this.#watchers) mailbox.end();
    this.#end(errorOf(why, detail));
  }

  #received(message: (Event & { event: "message" })["message"]): Received {
    return new Received(message, (subject, payload, options) => this.publish(subject, payload, options));
  }

  #wakeDrained(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #relieve(): void {
    for (const resolve of this.#relieved.splice(0)) resolve();
  }

  #tell(status: Status): void {
    for (const mailbox of this.#watchers) mailbox.push(status);
  }

  #take<T>(waiting: Map<Ticket, Waiter<T>>, ticket: Ticket): Waiter<T> | undefined {
    const waiter = waiting.get(ticket);
    waiting.delete(ticket);
    return waiter;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new ConnectionError("CLOSED", "the connection is closed");
    if (this.#isDraining) throw new ConnectionError("DRAINING", "the connection is being drained");
  }
}

/** That a program closed what it wanted closed is no error. */
function errorOf(why: Reason | undefined, detail: string): ConnectionError | undefined {
  return why === undefined || why === "CLOSED" ? undefined : new ConnectionError(why, detail);
}

function bytesOf(payload: Payload): Uint8Array {
  return typeof payload === "string" ? encoder.encode(payload) : payload;
}
