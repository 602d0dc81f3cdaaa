// SPDX-License-Identifier: Apache-2.0
import { type Options, type Printable, printable } from "@natswire/codec";
import { type ClientOrigin, defaults, type ListenerId, type ServerStats } from "@natswire/server";
import { badField, badValue } from "../bad-field.ts";
import { ConnectionError } from "../connection-error.ts";
import {
  type Message,
  type Payload,
  type PublishOptions,
  publishOptions,
  type ServerRequestOptions,
} from "../message.ts";
import { checkNoMore, checkOptions, checkTime } from "../options.ts";
import { blockOf, bytesOf, NOTHING } from "../outgoing.ts";
import { timers } from "../platform.ts";
import { RecordedTranscript, type Transcript } from "../testing/transcript.ts";
import {
  type AcceptConnection,
  DEFAULT_GRACE_MS,
  type Listen,
  type ListenAddress,
  type Listener,
  type ListenLimits,
  type Transport,
  type TransportHandler,
} from "../transport/transport.ts";
import { readAdvertised } from "./advertised.ts";
import type { ClusterServer } from "./cluster.ts";
import { createCore } from "./create-core.ts";
import type { Server } from "./server.ts";
import { serverClock } from "./server-clock.ts";
import type { ServerConnection } from "./server-connection.ts";
import { ServerDriver } from "./server-driver.ts";
import { addressOf, checkServerOptions, type ServerOptions } from "./server-options.ts";
import { DEFAULT_TIMEOUT_MS, type LocalSubscription, type ServerSubscribeOptions } from "./server-subscription.ts";

/**
 * Starts an embedded server that accepts connections from `listen`.
 *
 * @example
 * ```js
 * import { serveWith } from "@natswire/io";
 * import { connect, listenWith } from "@natswire/node";
 *
 * const server = await serveWith(listenWith({}), { port: 0, maxPayload: 1024 });
 * const client = await connect(server.url);
 * console.log(client.info?.max_payload); // 1024
 * await client.close();
 * await server.close();
 * ```
 * @throws UsageError BAD_FIELD if an option is unknown or has a value of the wrong kind
 * @throws the error of `listen`, for example if the address is in use
 */
export function serveWith(listen: Listen, options?: ServerOptions): Promise<Server>;
export async function serveWith(listen: Listen, options: ServerOptions = {}, ...more: unknown[]): Promise<Server> {
  checkNoMore(more, "serveWith(listen, { host, port, record })");
  if (typeof listen !== "function") throw badField("listen", "a function", listen);
  checkServerOptions(options);
  const address = addressOf(options);
  return EmbeddedServer.start(listen, address, options);
}

const requestOptions: readonly (keyof ServerRequestOptions)[] = ["headers", "timeout"];
const closedError = (): ConnectionError => new ConnectionError("CLOSED", "the server is closed");

/** A listener, with its number in the core. */
export interface NumberedListener {
  readonly id: ListenerId;
  readonly listener: Listener;
}

const Printed: Printable = /* @__PURE__ */ printable("Server");

/** A server, and what `serveWith`, `serveClusterWith` and `monitor` need of it. */
export class EmbeddedServer extends Printed implements Server {
  readonly url: string;
  readonly port: number;
  readonly #driver: ServerDriver;
  // By number, as the core counts them.
  readonly #listeners: Listener[];
  readonly #limits: ListenLimits;
  #advertised: readonly string[] | undefined;
  readonly #transcript: RecordedTranscript | undefined;
  #lastInbox = 0;
  readonly #attached: Listener[] = [];
  /** Of a cluster. */
  servers: readonly ClusterServer[] | undefined;
  #isClosed = false;

  /** Listens, and returns the server. */
  static async start(listen: Listen, address: ListenAddress, options: ServerOptions): Promise<EmbeddedServer> {
    // `listen` accepts no connection before it has resolved, so the server exists by then.
    let server: EmbeddedServer;
    const limits = { maxPayload: options.maxPayload ?? defaults.maxPayload };
    const listener = await listen(
      address,
      (...client) => server.#accept(() => ({ id: 0, listener }), ...client),
      limits,
    );
    try {
      server = new EmbeddedServer(address.host, listener, options);
    } catch (error) {
      await listener.close();
      throw error;
    }
    return server;
  }

  constructor(host: string, listener: Listener, options: ServerOptions) {
    super();
    const { record, clock = serverClock } = options;
    const { url, port } = listener;
    this.url = url;
    this.port = port;
    this.#listeners = [listener];
    this.#transcript = record === true ? new RecordedTranscript() : undefined;
    const core = createCore({ ...options, host, port }, clock, () =>
      timers.queueMicrotask(() => this.#driver.elapsed()),
    );
    const { maxLine, maxPayload } = core.view.config;
    this.#limits = { maxPayload };
    this.#driver = new ServerDriver({
      ...options,
      core,
      clock,
      transcript: this.#transcript,
      limits: { line: maxLine, payload: maxPayload },
      // An answer after `close` is dropped.
      respond: ({ reply = "" }, payload, more) => {
        if (!this.#isClosed) this.publish(reply, payload, more);
        return !this.#isClosed;
      },
    });
  }

  get stats(): ServerStats {
    return this.#driver.core.stats;
  }

  get connections(): readonly ServerConnection[] {
    return [...this.#driver.connections.values()];
  }

  toJSON(): object {
    const { url, connections, servers, stats } = this;
    return { url, connections: connections.length, servers, stats };
  }

  /** Returns the open connections of one listener. */
  connectionsOf(id: ListenerId | undefined): ServerConnection[] {
    return [...this.#driver.connections.values()].filter(({ listener }) => listener === id);
  }

  /** The listeners, by number. */
  get listeners(): readonly Listener[] {
    return this.#listeners;
  }

  get transcript(): Transcript {
    if (this.#transcript === undefined)
      throw new Error("this server keeps no transcript; start it with serve({ record: true })");
    return this.#transcript;
  }

  async listen(listen: Listen, address: Options<ListenAddress> = {}): Promise<Listener> {
    if (typeof listen !== "function") throw badField("listen", "a function", listen);
    const at = addressOf(address);
    checkOptions(address, ["host", "port"], "listen");
    const { listener } = await this.open(listen, at, false);
    return listener;
  }

  /**
   * Listens on one more address.
   *
   * @param isServer whether its clients see another server: INFO has another id and name
   */
  async open(listen: Listen, at: ListenAddress, isServer: boolean): Promise<NumberedListener> {
    this.#checkOpen();
    let own: NumberedListener | undefined;
    const listener = await listen(at, (...client) => this.#accept(() => own, ...client), this.#limits);
    if (this.#isClosed) await listener.close();
    this.#checkOpen();
    const id = this.#driver.core.addListener({ host: at.host, port: listener.port }, isServer);
    this.#listeners[id] = listener;
    own = { id, listener };
    if (this.#advertised !== undefined) this.advertiseTo(own, this.#advertised);
    return own;
  }

  publish(subject: string, payload: Payload = NOTHING, options: PublishOptions = {}): number {
    this.#checkOpen();
    checkOptions(options, publishOptions, "publish");
    const { reply, headers } = options;
    const message = { subject, reply, headers: blockOf(headers), payload: bytesOf(payload) };
    const delivered = this.#driver.core.publish(message, this.#driver.now());
    this.#driver.settle();
    return delivered;
  }

  async request(subject: string, payload?: Payload, options: ServerRequestOptions = {}): Promise<Message> {
    checkOptions(options, requestOptions, "request");
    const { timeout = DEFAULT_TIMEOUT_MS, headers } = options;
    const reply = `_INBOX.server.${++this.#lastInbox}`;
    const replies = this.subscribe(reply, { max: 1 });
    try {
      const receivers = this.publish(subject, payload, { headers, reply });
      if (receivers === 0) throw new ConnectionError("NO_RESPONDERS", `no subscriber on "${subject}"`);
      const message = await replies.take({ timeout }, `no reply on "${subject}"`);
      if (message === undefined) throw closedError();
      return message;
    } finally {
      replies.unsubscribe();
    }
  }

  subscribe(
    pattern: string,
    given: ServerSubscribeOptions | ((message: Message) => unknown) = {},
    ...more: unknown[]
  ): LocalSubscription {
    checkNoMore(more, "subscribe(subject, { callback })");
    this.#checkOpen();
    return this.#driver.subscribe(pattern, typeof given === "function" ? { callback: given } : given);
  }

  advertise(connectUrls: readonly string[]): void {
    if (!Array.isArray(connectUrls)) throw badValue("the addresses", 'an array like ["127.0.0.1:4222"]', connectUrls);
    for (const url of connectUrls)
      readAdvertised("an advertised address", typeof url === "string" ? url.replace(/^(nats|tls|wss?):\/\//, "") : url);
    for (const [id, listener] of this.#listeners.entries()) this.advertiseTo({ id, listener }, connectUrls);
    this.#advertised = [...connectUrls];
  }

  async lameDuck(grace = 10_000, duration = 120_000): Promise<void> {
    checkTime("grace", grace);
    checkTime("duration", duration);
    const stopped = this.#stop();
    await this.#driver.lameDuck(grace, duration);
    await stopped;
  }

  async close(grace: number = DEFAULT_GRACE_MS): Promise<void> {
    checkTime("grace", grace);
    this.#isClosed = true;
    const stopped = this.#stop();
    await this.#driver.end(grace);
    await stopped;
    await Promise.all(this.#attached.map((one) => one.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @param own returns the listener; before that exists, the client belongs to the first one */
  #accept(
    own: () => NumberedListener | undefined,
    transport: Transport,
    origin: NonNullable<Parameters<AcceptConnection>[1]> = {},
  ): TransportHandler {
    const from: ClientOrigin = {
      get listener() {
        return own()?.listener.url ?? "";
      },
      get address() {
        return origin.address;
      },
      get port() {
        return origin.port;
      },
      get certificate() {
        return origin.certificate;
      },
    };
    return this.#driver.accept(transport, from, own()?.id ?? 0);
  }

  /** Sends addresses to the clients of one listener. */
  advertiseTo({ id, listener }: NumberedListener, urls: readonly string[]): void {
    const other = /^wss?:/.test(listener.url) ? /^(nats|tls):/ : /^wss?:/;
    const own = urls.filter((one) => !other.test(one)).map((one) => one.replace(/^\w+:\/\//, ""));
    this.#driver.advertise(own, id);
  }

  /** What runs it. */
  get driver(): ServerDriver {
    return this.#driver;
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Closes a listener with the server, after the last connection has ended.
   *
   * @throws ConnectionError CLOSED
   */
  attach(listener: Listener): void {
    this.#checkOpen();
    this.#attached.push(listener);
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
