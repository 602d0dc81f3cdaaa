// SPDX-License-Identifier: Apache-2.0
import {
  type Authorizer,
  checkConfig,
  defaults,
  type ServerConfig,
  ServerCore,
  type ServerStats,
} from "@natswire/server";
import type { Options } from "@natswire/session";
import { badField } from "../bad-field.ts";
import { type Clock, checkClock, realClock } from "../clock.ts";
import { ConnectionError } from "../connection-error.ts";
import {
  type Message,
  type Payload,
  type PublishOptions,
  publishOptions,
  type ServerRequestOptions,
} from "../message.ts";
import { checkFunction, checkNoMore, checkOptions } from "../options.ts";
import { blockOf, bytesOf, NOTHING } from "../outgoing.ts";
import { random as systemRandom } from "../platform.ts";
import { RecordedTranscript, type Transcript } from "../testing/transcript.ts";
import {
  type AcceptConnection,
  DEFAULT_GRACE_MS,
  type Listen,
  type ListenAddress,
  type Listener,
  type Transport,
  type TransportHandler,
} from "../transport/transport.ts";
import type { ServerConnection } from "./server-connection.ts";
import { ServerDriver, type ServerHooks } from "./server-driver.ts";
import {
  DEFAULT_TIMEOUT_MS,
  type LocalSubscription,
  type ServerSubscribeOptions,
  type ServerSubscription,
} from "./server-subscription.ts";

/** Options of a server: its address, its limits, who may connect, and what a test records and controls. */
export interface ServerOptions extends Options<Omit<ServerConfig, "authRequired">>, ServerHooks {
  /** The address to listen on, which INFO names too; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** The port to listen on, which INFO names too; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Accepts or denies each client by its CONNECT; by default every client is accepted. A throw denies. */
  readonly authorize?: Authorizer | undefined;
  /** Keeps a transcript of every frame. It grows for as long as the server runs; false by default. */
  readonly record?: boolean | undefined;
  /** The clock for every timeout of the protocol: a `VirtualClock` in tests; the machine's clock by default. */
  readonly clock?: Clock | undefined;
}

/**
 * An embedded server: it accepts clients, and the program publishes and subscribes on it without a connection.
 *
 * It is `AsyncDisposable`: disposing of it closes it. Errors of one client never reach another.
 */
export interface Server extends AsyncDisposable {
  /** The URL that clients connect to: `nats://host:port`, or with the scheme `tls`, `ws` or `wss`. */
  readonly url: string;
  /** The port that it listens on; of its first listener. */
  readonly port: number;
  /** Its counters, at this moment. */
  readonly stats: ServerStats;
  /** The open connections, in the order in which they were accepted. */
  readonly connections: readonly ServerConnection[];
  /**
   * Every frame that was sent.
   *
   * @throws Error if the server was started without `record: true`
   */
  readonly transcript: Transcript;
  /**
   * Listens on one more address, also with another transport: WebSocket, or a pipe.
   *
   * @param address 127.0.0.1 and a free port by default
   * @throws ConnectionError CLOSED if the server is closed
   * @throws UsageError BAD_FIELD if the address is not valid
   * @throws whatever `listen` throws
   */
  listen(
    listen: Listen,
    address?: { readonly host?: string | undefined; readonly port?: number | undefined },
  ): Promise<Listener>;
  /**
   * Publishes a message without a connection. Returns how many subscriptions received it.
   *
   * @throws UsageError if the subject, a header or an option is not valid, or the payload is not a string or Uint8Array
   * @throws ConnectionError CLOSED
   */
  publish(subject: string, payload?: Payload, options?: PublishOptions): number;
  /**
   * Sends a request without a connection, and resolves with the first reply.
   *
   * @throws ConnectionError NO_RESPONDERS if the subject has no subscriber, TIMEOUT if no reply comes in time, CLOSED if the
   * server is closed
   * @throws UsageError as `publish` does
   */
  request(subject: string, payload?: Payload, options?: ServerRequestOptions): Promise<Message>;
  /**
   * Subscribes to a subject or pattern without a connection.
   *
   * @param options the options, or the `callback` of them
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_FIELD; BAD_NUMBER if `max` is not a whole number above 0
   * @throws ConnectionError CLOSED
   */
  subscribe(pattern: string, options?: ServerSubscribeOptions | ((message: Message) => unknown)): ServerSubscription;
  /**
   * Sends clients the addresses of other servers (`connect_urls` of INFO): `host:port`, or the `url` of another server.
   *
   * @throws UsageError BAD_FIELD if an address is not valid, TOO_LARGE if they do not fit into an INFO
   */
  advertise(connectUrls: readonly string[]): void;
  /**
   * Stops listening, tells clients to leave (`ldm` of INFO), and closes their connections one by one. Resolves after the last.
   *
   * @param grace milliseconds before the first is closed; 10,000 by default
   * @param duration milliseconds from the first to the last; 120,000 by default
   */
  lameDuck(grace?: number, duration?: number): Promise<void>;
  /**
   * Stops listening, sends what is queued, and closes every connection. Resolves after the last has ended.
   *
   * @param grace milliseconds on the machine's clock, after which connections that do not read are aborted; 1,000 by default
   */
  close(grace?: number): Promise<void>;
}

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
  check(options);
  const address = addressOf(options);
  // `listen` accepts no connection before it has resolved: `accept` is set by then.
  let accept: AcceptConnection;
  const listener = await listen(address, (...client) => accept(...client));
  const server = new EmbeddedServer(address.host, listener, options);
  accept = (...client) => server.accept(() => listener.url, ...client);
  return server;
}

const requestOptions: readonly (keyof ServerRequestOptions)[] = ["headers", "timeout"];
const closedError = (): ConnectionError => new ConnectionError("CLOSED", "the server is closed");

function addressOf(given: Options<ListenAddress>): ListenAddress {
  if (typeof given !== "object" || given === null) throw badField("the address", "{ host, port }", given);
  const { host = "127.0.0.1", port = 0 } = given;
  checkConfig({ host, port });
  return { host, port };
}

/** Every option of a server on any transport; an adapter adds its own. */
export const serverOptions: readonly string[] = [
  ...Object.keys(defaults).filter((name) => name !== "authRequired"),
  ...["random", "authorize", "record", "clock", "opened", "closed", "failed"],
];

function check(options: ServerOptions): void {
  checkOptions(options, serverOptions);
  for (const name of ["authorize", "opened", "closed", "failed"] as const) checkFunction(name, options[name]);
  if (typeof (options.record ?? true) !== "boolean") throw badField("record", "true or false", options.record);
  checkClock(options.clock);
  checkConfig(options);
}

class EmbeddedServer implements Server {
  readonly url: string;
  readonly port: number;
  readonly #driver: ServerDriver;
  readonly #listeners: Listener[];
  readonly #transcript: RecordedTranscript | undefined;
  #lastInbox = 0;
  #isClosed = false;

  constructor(host: string, listener: Listener, options: ServerOptions) {
    const { authorize, record, clock = realClock, random = systemRandom, opened, closed, failed, ...given } = options;
    const config = { ...given, host };
    const { url, port } = listener;
    this.url = url;
    this.port = port;
    this.#listeners = [listener];
    this.#transcript = record === true ? new RecordedTranscript() : undefined;
    const core = new ServerCore({ random, ...config, port, authRequired: authorize !== undefined });
    const { maxLine = defaults.maxLine, maxPayload = defaults.maxPayload } = config;
    this.#driver = new ServerDriver({
      core,
      authorize,
      clock,
      transcript: this.#transcript,
      limits: { line: maxLine, payload: maxPayload },
      opened,
      closed,
      failed,
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

  get transcript(): Transcript {
    if (this.#transcript === undefined)
      throw new Error("this server keeps no transcript; start it with serve({ record: true })");
    return this.#transcript;
  }

  accept(urlOf: () => string, transport: Transport, origin: Parameters<AcceptConnection>[1] = {}): TransportHandler {
    return this.#driver.accept(transport, {
      get listener() {
        return urlOf();
      },
      get address() {
        return origin.address;
      },
      get certificate() {
        return origin.certificate;
      },
    });
  }

  async listen(listen: Listen, address: Options<ListenAddress> = {}): Promise<Listener> {
    this.#checkOpen();
    if (typeof listen !== "function") throw badField("listen", "a function", listen);
    const { host, port } = addressOf(address);
    checkOptions(address, ["host", "port"], "listen");
    const listener: Listener = await listen({ host, port }, (...client) => this.accept(() => listener.url, ...client));
    this.#listeners.push(listener);
    if (this.#isClosed) await listener.close();
    this.#checkOpen();
    return listener;
  }

  publish(subject: string, payload: Payload = NOTHING, options: PublishOptions = {}): number {
    this.#checkOpen();
    checkOptions(options, publishOptions, "publish");
    const { reply, headers } = options;
    const delivered = this.#driver.core.publish({
      subject,
      reply,
      headers: headers && blockOf(headers),
      payload: bytesOf(payload),
    });
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
    if (!Array.isArray(connectUrls) || connectUrls.some((url) => typeof url !== "string"))
      throw badField("the addresses", 'an array of strings like ["127.0.0.1:4222"]', connectUrls);
    this.#driver.advertise(connectUrls.map((url) => url.replace(/^\w+:\/\//, "")));
  }

  async lameDuck(grace = 10_000, duration = 120_000): Promise<void> {
    const stopped = this.#stop();
    await this.#driver.lameDuck(grace, duration);
    await stopped;
  }

  async close(grace = DEFAULT_GRACE_MS): Promise<void> {
    this.#isClosed = true;
    const stopped = this.#stop();
    await this.#driver.end(grace);
    await stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
