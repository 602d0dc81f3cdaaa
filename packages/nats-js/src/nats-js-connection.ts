// SPDX-License-Identifier: Apache-2.0
import {
  type ConnectionClosedListener,
  type ConnectionOptions,
  errors,
  Features,
  type Msg,
  type NatsConnection,
  type Payload,
  type PublishOptions,
  parseSemVer,
  QueuedIteratorImpl,
  type RequestManyOptions,
  type RequestOptions,
  type SemVer,
  type Server,
  type ServerInfo,
  type Stats,
  type Status,
  type Subscription,
  type SubscriptionOptions,
} from "@nats-io/nats-core/internal";
import type { Connection } from "@natswire/io/client";
import { toNatsError, toRequestError } from "./errors.ts";
import { headerBlock, Publisher } from "./publisher.ts";
import { QueuedSubscription, type SubscriptionOwner } from "./queued-subscription.ts";
import { ReceivedMsg } from "./received-msg.ts";
import { StatusIterators } from "./status-iterators.ts";

/** A connection of natswire with the methods of nats.js, and those that its modules use of `NatsConnectionImpl`. */
export class NatsJsConnection implements Omit<NatsConnection, "info">, SubscriptionOwner {
  readonly connection: Connection;
  readonly options: ConnectionOptions;
  readonly publisher: Publisher;
  readonly #statuses: StatusIterators;
  readonly #closed: Promise<Error | undefined>;
  readonly #closeListeners = new Set<ConnectionClosedListener>();
  readonly #features = new Features({ major: 0, minor: 0, micro: 0 });
  #version = "";
  #info: ServerInfo | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    this.options = { inboxPrefix: connection.inboxPrefix };
    this.publisher = new Publisher(connection, this.options);
    this.#statuses = new StatusIterators(connection);
    this.#info = connection.info as ServerInfo | undefined;
    this.#closed = connection.closed.then((error) => error && toNatsError(error));
    void this.#closed.then(() => {
      // One that throws stops no other.
      for (const listener of this.#closeListeners)
        void this.#closed.then((error) => listener.connectionClosedCallback(error));
      this.#closeListeners.clear();
    });
  }

  /** INFO of the current server; while disconnected, of the last one. `undefined` after the connection is closed. */
  get info(): ServerInfo | undefined {
    this.#info = (this.connection.info as ServerInfo | undefined) ?? this.#info;
    return this.isClosed() ? undefined : this.#info;
  }

  get features(): Features {
    const version = this.info?.version ?? this.#version;
    if (version !== this.#version) this.#features.update(parseSemVer(version));
    this.#version = version;
    return this.#features;
  }

  getServerVersion(): SemVer | undefined {
    const { info } = this;
    return info && parseSemVer(info.version);
  }

  getServer(): string {
    return this.#statuses.server;
  }

  /** Returns the servers that are known: the current one, and those that it announces. */
  getServers(): readonly Server[] {
    const { server } = this.#statuses;
    const announced = this.info?.connect_urls ?? [];
    return [...new Set([server, ...announced])].map((listen) => serverOf(listen, listen !== server));
  }

  setServers(servers: string[]): void {
    try {
      this.connection.setServers(servers);
    } catch (error) {
      throw toNatsError(error);
    }
  }

  publish(subject: string, payload?: Payload, options?: PublishOptions): void {
    this.publisher.publish(subject, payload, options);
  }

  publishMessage({ subject, data, reply, headers }: Msg): void {
    this.publish(subject, data, { ...(reply && { reply }), ...(headers && { headers }) });
  }

  respondMessage({ reply, data, headers }: Msg): boolean {
    if (!reply) return false;
    this.publish(reply, data, { reply, ...(headers && { headers }) });
    return true;
  }

  subscribe(subject: string, options: SubscriptionOptions = {}): Subscription {
    return new QueuedSubscription(this, subject, options);
  }

  /** Gives a subscription another subject. Consumers of JetStream use it to begin anew. */
  _resub(subscription: Subscription, subject: string, max?: number): void {
    (subscription as QueuedSubscription).resubscribe(subject, max);
  }

  async request(subject: string, payload?: Payload, options: Partial<RequestOptions> = {}): Promise<Msg> {
    this.#checkNotClosed();
    const { timeout, noMux, reply } = options;
    if (reply && !noMux) throw errors.InvalidArgumentError.format(["reply", "noMux"], "are mutually exclusive");
    const headers = headerBlock(options);
    const given = { timeout: timeout || undefined, noMux, reply: reply || undefined, headers };
    try {
      return new ReceivedMsg(await this.connection.request(subject, payload, given), 0, this.publisher) as Msg;
    } catch (error) {
      throw toRequestError(error, subject, reply);
    }
  }

  async requestMany(
    subject: string,
    payload?: Payload,
    options: Partial<RequestManyOptions> = {},
  ): Promise<QueuedIteratorImpl<Msg>> {
    this.#checkNotClosed();
    const { strategy, maxWait, maxMessages = 0, noMux, stall } = options;
    const limit = strategy === "count" && maxMessages > 0 ? maxMessages : undefined;
    const headers = headerBlock(options);
    const given = { strategy, maxWait: maxWait || undefined, maxMessages: limit, noMux, stall, headers };
    const iterator = new QueuedIteratorImpl<Msg>();
    try {
      const replies = this.connection.requestMany(subject, payload, given);
      void iterator.iterClosed.then(() => replies.return?.());
      void this.#forward(replies, iterator, subject);
    } catch (error) {
      throw toNatsError(error, subject);
    }
    return iterator;
  }

  async flush(): Promise<void> {
    this.#checkNotClosed();
    await this.connection.flush().catch(rejectRequest);
  }

  async rtt(): Promise<number> {
    this.#checkNotClosed();
    if (!this.connection.isConnected) throw new errors.RequestError("connection disconnected");
    return await this.connection.rtt().catch(rejectRequest);
  }

  stats(): Stats {
    const { bytesReceived, bytesSent, received, published } = this.connection.stats;
    return { inBytes: bytesReceived, outBytes: bytesSent, inMsgs: received, outMsgs: published };
  }

  status(): QueuedIteratorImpl<Status> {
    return this.#statuses.iterate();
  }

  lagging(sub: Subscription, pending: number): void {
    this.#statuses.emit({ type: "slowConsumer", sub, pending });
  }

  async reconnect(): Promise<void> {
    this.#checkOpen();
    if (this.connection.isConnected) this.#statuses.emit({ type: "forceReconnect" });
    this.connection.reconnect();
  }

  async drain(): Promise<void> {
    this.#checkOpen();
    await this.connection.drain().catch(rejectRequest);
  }

  isDraining(): boolean {
    return this.connection.isDraining;
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  closed(): Promise<Error | undefined> {
    return this.#closed;
  }

  isClosed(): boolean {
    return this.connection.isClosed;
  }

  addCloseListener(listener: ConnectionClosedListener): void {
    this.#closeListeners.add(listener);
  }

  removeCloseListener(listener: ConnectionClosedListener): void {
    this.#closeListeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isClosed()) return;
    if (this.isDraining()) await this.#closed;
    else await this.drain();
  }

  /** Puts replies into an iterator. */
  async #forward(
    replies: ReturnType<Connection["requestMany"]>,
    iterator: QueuedIteratorImpl<Msg>,
    subject: string,
  ): Promise<void> {
    let error: Error | undefined;
    try {
      for await (const reply of replies) iterator.push(new ReceivedMsg(reply, 0, this.publisher) as Msg);
    } catch (thrown) {
      error = toNatsError(thrown, subject);
    }
    // After the replies that were not read yet.
    iterator.push(() => iterator.stop(error));
  }

  #checkNotClosed(): void {
    if (this.isClosed()) throw new errors.ClosedConnectionError();
  }

  #checkOpen(): void {
    this.#checkNotClosed();
    if (this.isDraining()) throw new errors.DrainingConnectionError();
  }
}

function rejectRequest(thrown: unknown): never {
  throw toRequestError(thrown);
}

function serverOf(listen: string, gossiped: boolean): Server {
  const [, hostname = listen, port = "4222"] = /^(.*):(\d+)$/.exec(listen) ?? [];
  return {
    hostname,
    port: Number(port),
    listen,
    src: listen,
    tlsName: "",
    reconnects: 0,
    lastConnect: 0,
    gossiped,
    didConnect: !gossiped,
  };
}
