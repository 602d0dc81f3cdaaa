// SPDX-License-Identifier: Apache-2.0
import { encodeHeaders, UsageError } from "@natswire/codec";
import {
  type Authorize,
  checkConfig,
  defaults,
  type ServerConfig,
  ServerCore,
  type ServerStats,
} from "@natswire/server";
import { type Clock, realClock } from "./clock.ts";
import { ConnectionError } from "./connection-error.ts";
import { type LocalSubscription, PATIENCE, type SubscribeOptions } from "./local-subscription.ts";
import { mistake } from "./mistake.ts";
import { bytesOf, NOTHING } from "./outgoing.ts";
import { random } from "./platform.ts";
import type { Payload, PublishOptions, Received, RequestOptions } from "./received.ts";
import { type ServerHooks, ServerRun } from "./run-server.ts";
import type { ServerConnection } from "./server-connection.ts";
import { Transcript } from "./transcript.ts";
import type { Listen, Listener, Place, Transport, TransportHandler } from "./transport.ts";

/** Where to listen; loopback and a free port where left out. */
export interface ServeAt {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** What a server may be told: the limits of ServerConfig, who is let in, and how a test watches it. */
export interface ServeOptions extends Partial<Omit<ServerConfig, "authRequired" | "port">>, ServerHooks {
  /** Who has no CONNECT that it grants is not let in; one that throws denies. Everybody is where it is left out. */
  readonly authorize?: Authorize | undefined;
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
   * @throws UsageError BAD_FIELD where `at` makes no sense
   * @throws whatever `listen` throws
   */
  listen(listen: Listen, at?: ServeAt): Promise<Listener>;
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
  request(subject: string, payload?: Payload, options?: RequestOptions): Promise<Received>;
  /**
   * Subscribes from within, without a connection.
   *
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_NUMBER where `max` is no number of messages
   * @throws ConnectionError CLOSED
   */
  subscribe(pattern: string, options?: SubscribeOptions): LocalSubscription;
  /**
   * Tells the clients that understand it of other servers that they may go to: `host:port`, or another's `url`, whatever
   * its scheme.
   *
   * @throws UsageError BAD_FIELD, TOO_LARGE where no INFO can say it
   */
  announce(connectUrls: readonly string[]): void;
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
 * Runs an embedded server on a runtime's sockets.
 *
 * @throws UsageError BAD_FIELD where `at` or an option has a value that makes no sense
 * @throws whatever `listen` throws, an address in use for instance
 */
export async function serveWith(listen: Listen, at: ServeAt = {}, options: ServeOptions = {}): Promise<Server> {
  const place = placeOf(at);
  check(options);
  // Nobody is accepted before this function has gone on: `listen` has only then told it of its port.
  let accept: (transport: Transport) => TransportHandler;
  const listener = await listen(place, (transport) => accept(transport));
  const server = new Running(place.host, listener, options);
  accept = (transport) => server.accept(transport);
  return server;
}

function placeOf(at: ServeAt): Place {
  if (typeof at !== "object" || at === null) throw mistake("where to listen", "{ host, port }", at);
  const { host = "127.0.0.1", port = 0 } = at;
  checkConfig({ host, port });
  return { host, port };
}

function check(options: ServeOptions): void {
  if ("port" in options) throw new UsageError("BAD_FIELD", "port is no option: serve({ port }, options)");
  for (const name of ["authorize", "opened", "closed", "failed"] as const) {
    if (typeof (options[name] ?? check) !== "function") throw mistake(name, "a function", options[name]);
  }
  checkConfig(options);
}

class Running implements Server {
  readonly url: string;
  readonly port: number;
  readonly #run: ServerRun;
  readonly #listeners: Listener[];
  readonly #transcript: Transcript | undefined;
  #lastInbox = 0;
  #isClosed = false;

  constructor(host: string, listener: Listener, options: ServeOptions) {
    const { authorize, record, clock = realClock, opened, closed, failed, ...config } = options;
    const { url, port } = listener;
    this.url = url;
    this.port = port;
    this.#listeners = [listener];
    this.#transcript = record === true ? new Transcript() : undefined;
    const core = new ServerCore({ random, host, ...config, port, authRequired: authorize !== undefined });
    const { maxLine = defaults.maxLine, maxPayload = defaults.maxPayload } = config;
    this.#run = new ServerRun(
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
    if (this.#transcript === undefined) throw new Error("no transcript is kept: serve({}, { record: true }) keeps one");
    return this.#transcript;
  }

  accept(transport: Transport): TransportHandler {
    return this.#run.accept(transport);
  }

  async listen(listen: Listen, at: ServeAt = {}): Promise<Listener> {
    this.#checkOpen();
    const listener = await listen(placeOf(at), (transport) => this.accept(transport));
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

  async request(subject: string, payload?: Payload, options: RequestOptions = {}): Promise<Received> {
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

  subscribe(pattern: string, options: SubscribeOptions = {}): LocalSubscription {
    this.#checkOpen();
    return this.#run.subscribe(pattern, options);
  }

  announce(connectUrls: readonly string[]): void {
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
