// SPDX-License-Identifier: Apache-2.0
import { encodeHeaders } from "@natswire/codec";
import {
  type Authorizer,
  checkConfig,
  defaults,
  type ServerConfig,
  ServerCore,
  type ServerStats,
} from "@natswire/server";
import { badField } from "../bad-field.ts";
import { type Clock, realClock } from "../clock.ts";
import { ConnectionError } from "../connection-error.ts";
import type { Message, Payload, PublishOptions, ServerRequestOptions } from "../message.ts";
import { checkNoMore, checkOptions } from "../options.ts";
import { bytesOf, NOTHING } from "../outgoing.ts";
import { random } from "../platform.ts";
import { RecordedTranscript, type Transcript } from "../testing/transcript.ts";
import type { Listen, ListenAddress, Listener, Transport, TransportHandler } from "../transport/transport.ts";
import type { ServerConnection } from "./server-connection.ts";
import { ServerDriver, type ServerHooks } from "./server-driver.ts";
import {
  type LocalSubscription,
  PATIENCE,
  type ServerSubscribeOptions,
  type ServerSubscription,
} from "./server-subscription.ts";

/** Options of a server: where it listens, its limits, who may connect, and what a test records and controls. */
export interface ServerOptions extends Partial<Omit<ServerConfig, "authRequired">>, ServerHooks {
  /** The address to listen on, which INFO names too; 127.0.0.1 by default. */
  readonly host?: string;
  /** The port to listen on, which INFO names too; 0, the default, takes a free one. */
  readonly port?: number;
  /** Accepts or denies each client by its CONNECT; without it every client is accepted. A throw denies. */
  readonly authorize?: Authorizer | undefined;
  /** Keeps a transcript of all that is said. It grows for as long as the server lives. */
  readonly record?: boolean | undefined;
  /** A `VirtualClock` for tests; the machine's where left out. */
  readonly clock?: Clock | undefined;
}

/** A server that listens. */
export interface Server extends AsyncDisposable {
  /** What a client connects to: `nats://host:port`, or with `tls`, `ws` or `wss` where that is how to. */
  readonly url: string;
  /** Where it listens; of its first door. */
  readonly port: number;
  /** What it counts, as it is now. */
  readonly stats: ServerStats;
  /** The clients that are connected, in the order they came. */
  readonly connections: readonly ServerConnection[];
  /**
   * All that was said.
   *
   * @throws Error where the server was not told to `record`
   */
  readonly transcript: Transcript;
  /**
   * Opens one more door to the same server, of the same runtime or another: a WebSocket's, a pipe's.
   *
   * @throws ConnectionError CLOSED where the server is closed, be it meanwhile
   * @throws UsageError BAD_FIELD if the address is not valid
   * @throws whatever `listen` throws
   */
  listen(listen: Listen, address?: Partial<ListenAddress>): Promise<Listener>;
  /**
   * Publishes from within, without a connection.
   *
   * @returns how many received it
   * @throws UsageError where no server would relay it, BAD_FIELD where the payload is neither text nor a Uint8Array
   * @throws ConnectionError CLOSED
   */
  publish(subject: string, payload?: Payload, options?: PublishOptions): number;
  /**
   * Asks from within, and takes the first answer.
   *
   * @throws ConnectionError NO_RESPONDERS where nobody subscribes to the subject, TIMEOUT where no answer comes in time,
   * CLOSED where the server is closed, be it meanwhile
   * @throws UsageError where no server would relay it
   */
  request(subject: string, payload?: Payload, options?: ServerRequestOptions): Promise<Message>;
  /**
   * Subscribes from within, without a connection.
   *
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_NUMBER where `max` is no number of messages
   * @throws ConnectionError CLOSED
   */
  subscribe(pattern: string, options?: ServerSubscribeOptions): ServerSubscription;
  /**
   * Tells the clients that understand it of other servers that they may go to: `host:port`, or another's `url`, whatever
   * its scheme.
   *
   * @throws UsageError BAD_FIELD, TOO_LARGE where no INFO can say it
   */
  advertise(connectUrls: readonly string[]): void;
  /**
   * Stops listening, tells the clients so, and closes their connections little by little; resolves when all are gone.
   *
   * @param grace milliseconds before the first is closed; 10,000 by default
   * @param duration milliseconds from there to the last; 120,000 by default
   */
  lameDuck(grace?: number, duration?: number): Promise<void>;
  /**
   * Stops listening, writes out what is queued and ends every connection; resolves when all are gone.
   *
   * @param deadline milliseconds, of the machine's clock, after which the ones that do not read are cut off; 1,000 by
   * default
   */
  close(deadline?: number): Promise<void>;
}

/**
 * Starts an embedded server that accepts connections from `listen`.
 *
 * @throws UsageError BAD_FIELD if an option is unknown or has a value of the wrong kind
 * @throws the error of `listen`, for example if the address is in use
 */
export function serveWith(listen: Listen, options?: ServerOptions): Promise<Server>;
export async function serveWith(listen: Listen, options: ServerOptions = {}, ...more: unknown[]): Promise<Server> {
  checkNoMore(more, "serveWith(listen, { host, port, record })");
  check(options);
  const address = addressOf(options);
  // Nobody is accepted before this function has gone on: `listen` has only then told it of its port.
  let accept: (transport: Transport) => TransportHandler;
  const listener = await listen(address, (transport) => accept(transport));
  const server = new EmbeddedServer(address.host, listener, options);
  accept = (transport) => server.accept(transport);
  return server;
}

function addressOf(given: Partial<ListenAddress>): ListenAddress {
  if (typeof given !== "object" || given === null) throw badField("the address", "{ host, port }", given);
  const { host = "127.0.0.1", port = 0 } = given;
  checkConfig({ host, port });
  return { host, port };
}

const KNOWN = [
  ...Object.keys(defaults).filter((name) => name !== "authRequired"),
  ...["random", "authorize", "record", "clock", "opened", "closed", "failed"],
];

function check(options: ServerOptions): void {
  if (typeof options !== "object" || options === null) throw badField("the options", "an object", options);
  checkOptions(options, KNOWN);
  for (const name of ["authorize", "opened", "closed", "failed"] as const) {
    if (typeof (options[name] ?? check) !== "function") throw badField(name, "a function", options[name]);
  }
  checkConfig(options);
}

class EmbeddedServer implements Server {
  readonly url: string;
  readonly port: number;
  readonly #run: ServerDriver;
  readonly #listeners: Listener[];
  readonly #transcript: RecordedTranscript | undefined;
  #lastInbox = 0;
  #isClosed = false;

  constructor(host: string, listener: Listener, options: ServerOptions) {
    const { authorize, record, clock = realClock, opened, closed, failed, ...given } = options;
    const config = { ...given, host };
    const { url, port } = listener;
    this.url = url;
    this.port = port;
    this.#listeners = [listener];
    this.#transcript = record === true ? new RecordedTranscript() : undefined;
    const core = new ServerCore({ random, ...config, port, authRequired: authorize !== undefined });
    const { maxLine = defaults.maxLine, maxPayload = defaults.maxPayload } = config;
    this.#run = new ServerDriver(
      core,
      {
        authorize,
        clock,
        transcript: this.#transcript,
        limits: { line: maxLine, payload: maxPayload },
        opened,
        closed,
        failed,
      },
      // An answer that comes too late is nobody's mistake.
      (subject, payload, more) => this.#isClosed || this.publish(subject, payload, more),
    );
  }

  get stats(): ServerStats {
    return this.#run.core.stats;
  }

  get connections(): readonly ServerConnection[] {
    return [...this.#run.connections.values()];
  }

  get transcript(): Transcript {
    if (this.#transcript === undefined) throw new Error("no transcript is kept: serve({ record: true }) keeps one");
    return this.#transcript;
  }

  accept(transport: Transport): TransportHandler {
    return this.#run.accept(transport);
  }

  async listen(listen: Listen, address: Partial<ListenAddress> = {}): Promise<Listener> {
    this.#checkOpen();
    const { host, port } = addressOf(address);
    checkOptions(address, ["host", "port"]);
    const listener = await listen({ host, port }, (transport) => this.accept(transport));
    this.#listeners.push(listener);
    if (this.#isClosed) await listener.close();
    this.#checkOpen();
    return listener;
  }

  publish(subject: string, payload: Payload = NOTHING, { reply, headers }: PublishOptions = {}): number {
    this.#checkOpen();
    const delivered = this.#run.core.publish({
      subject,
      reply,
      headers: headers && encodeHeaders(headers),
      payload: bytesOf(payload),
    });
    this.#run.settle();
    return delivered;
  }

  async request(subject: string, payload?: Payload, options: ServerRequestOptions = {}): Promise<Message> {
    const { timeout = PATIENCE, ...more } = options;
    const reply = `_INBOX.server.${++this.#lastInbox}`;
    const answers = this.subscribe(reply, { max: 1 });
    try {
      const heard = this.publish(subject, payload, { ...more, reply });
      if (heard === 0) throw new ConnectionError("NO_RESPONDERS", `nobody listens to ${subject}`);
      const answer = await answers.take(timeout);
      if (answer !== undefined) return answer;
      this.#checkOpen();
      throw new ConnectionError("TIMEOUT", `no answer on ${subject} came within ${timeout} ms`);
    } finally {
      answers.unsubscribe();
    }
  }

  subscribe(pattern: string, options: ServerSubscribeOptions = {}): LocalSubscription {
    this.#checkOpen();
    return this.#run.subscribe(pattern, options);
  }

  advertise(connectUrls: readonly string[]): void {
    this.#run.announce(connectUrls.map((url) => url.replace(/^\w+:\/\//, "")));
  }

  async lameDuck(grace = 10_000, duration = 120_000): Promise<void> {
    const stopped = this.#stop();
    await this.#run.lameDuck(grace, duration);
    await stopped;
  }

  async close(deadline = 1000): Promise<void> {
    this.#isClosed = true;
    const stopped = this.#stop();
    await this.#run.end(deadline);
    await stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new ConnectionError("CLOSED", "the server is closed");
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
