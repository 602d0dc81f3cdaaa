// SPDX-License-Identifier: Apache-2.0
import type {
  Action,
  AuthorizeAction,
  Authorizer,
  ClientOrigin,
  CloseAction,
  ConnectionId,
  DeliverAction,
  Grant,
  ListenerId,
  ServerCore,
} from "@natswire/server";
import { Alarm, type Clock, realClock } from "../clock.ts";
import { DeliveredMessage, type Respond } from "../message.ts";
import { timers } from "../platform.ts";
import { FrameRecorder, type TranscriptEntry } from "../testing/frame-recorder.ts";
import type { RecordedTranscript } from "../testing/transcript.ts";
import type { Transport, TransportHandler } from "../transport/transport.ts";
import { HandshakeError } from "./handshake-error.ts";
import { PeerConnection } from "./peer-connection.ts";
import type { ServerConnection } from "./server-connection.ts";
import { LocalSubscription, type ServerSubscribeOptions } from "./server-subscription.ts";
import { Stalls } from "./stalls.ts";

/** Functions of the program that a server calls. */
export interface ServerHooks {
  /** Called after a client connected, before anything is sent. */
  readonly opened?: ((connection: ServerConnection) => void) | undefined;
  /** Called after a connection ended: with the reason and detail if the server closed it, "lost" if not. */
  readonly closed?:
    | ((connection: ServerConnection, reason: CloseAction["reason"] | "lost", detail: string) => void)
    | undefined;
  /**
   * Called after the TLS handshake of a client failed, with where the client connects from. If TLS begins after INFO, `opened` was
   * called before, and `closed` is called next.
   */
  readonly handshakeFailed?: ((origin: ClientOrigin, error: Error) => void) | undefined;
  /**
   * Called with what an authorizer or a subscription's callback threw or rejected with. The client is denied, or the message is
   * lost to that callback. Without this hook, what callbacks and hooks throw is an uncaught error.
   */
  readonly failed?: ((error: unknown) => void) | undefined;
}

/** What a ServerDriver runs, and how. */
interface DriverOptions extends ServerHooks {
  readonly core: ServerCore;
  readonly authorize?: Authorizer | undefined;
  readonly clock: Clock;
  readonly transcript?: RecordedTranscript | undefined;
  readonly limits: { readonly line: number; readonly payload: number };
  /** Publishes answers to received messages. */
  readonly respond: Respond;
}

/** Carries bytes, actions and time between a ServerCore, its transports and its program. */
export class ServerDriver {
  readonly connections: Map<ConnectionId, PeerConnection> = new Map();
  readonly core: ServerCore;
  /** Called with each connection that ends, while the core still describes it, and with its close if the server closed it. */
  readonly ending: Set<(connection: PeerConnection, close: CloseAction | undefined) => void> = new Set();
  /** When the server was started. */
  readonly startedAt: number;
  readonly #options: DriverOptions;
  // None after the end, whatever a module has scheduled.
  #alarm: Alarm | undefined;
  readonly #endAlarm: Alarm;
  readonly #local = new Map<number, LocalSubscription>();
  readonly #closes = new Map<ConnectionId, CloseAction>();
  // The connections whose authorizer runs; with what is to be done after it, if the transport has closed meanwhile.
  readonly #authorizing = new Map<ConnectionId, (() => void) | undefined>();
  readonly #stalls: Stalls;
  #isSettling = false;
  // Set when the server is closed.
  #grace: number | undefined;
  #ended: Promise<void> | undefined;
  #resolveEnded: () => void = () => {};

  constructor(options: DriverOptions) {
    this.core = options.core;
    this.#options = options;
    this.startedAt = this.now();
    this.#stalls = new Stalls(this.connections, this.core.lagging);
    this.#alarm = new Alarm(options.clock, () => this.elapsed());
    // On the machine's clock: a virtual clock that stands still must not keep a test from ending.
    this.#endAlarm = new Alarm(realClock, () => {
      for (const connection of this.connections.values()) connection.kill();
    });
    // A module may have scheduled something.
    this.settle();
  }

  /** @param origin where the client connects from; read when it is needed */
  accept(transport: Transport, origin: ClientOrigin, listener: ListenerId): TransportHandler {
    const { transcript, limits } = this.#options;
    let connection: PeerConnection | undefined;
    let recorder: FrameRecorder | undefined;
    return {
      open: () => {
        if (this.#grace !== undefined) return transport.abort();
        const id = this.core.opened(this.now(), transport.tls, origin.address, listener);
        const add = (entry: TranscriptEntry): void => transcript?.add(entry);
        recorder = transcript && new FrameRecorder({ add, connection: id, limits });
        const opened: PeerConnection = new PeerConnection({
          id,
          core: this.core,
          clock: this.#options.clock,
          transport,
          origin,
          listener,
          recorder,
          ending: () => {
            for (const call of this.ending) call(opened, this.#closes.get(id));
          },
        });
        connection = opened;
        this.connections.set(id, opened);
        recorder?.mark("client", "opened");
        this.#call(() => this.#options.opened?.(opened));
        this.settle();
      },
      data: (chunk) => {
        if (connection === undefined) return;
        recorder?.sent(chunk);
        this.core.received(connection.id, chunk, this.now());
        this.settle();
      },
      secure: () => {
        if (connection === undefined) return;
        this.core.secured(connection.id, this.now());
        this.settle();
      },
      written: (bytes) => {
        connection?.written(bytes);
        this.#stalls.check();
      },
      ready: () => connection?.ready(),
      close: (error) => {
        const isExpected =
          connection !== undefined &&
          (this.core.connection(connection.id) === undefined || this.#closes.has(connection.id));
        if (error instanceof HandshakeError && !isExpected && this.#grace === undefined)
          this.#call(() => this.#options.handshakeFailed?.(origin, error));
        if (connection === undefined) return;
        if (!isExpected) connection.cause = error;
        const end = this.#lost.bind(this, connection, recorder);
        // What a client sent before it left is read after it is authorized.
        if (this.#authorizing.has(connection.id) && !isExpected) this.#authorizing.set(connection.id, end);
        else end();
      },
    };
  }

  subscribe(pattern: string, options: ServerSubscribeOptions): LocalSubscription {
    const subscription = new LocalSubscription(pattern, options, () => {
      this.#local.delete(id);
      this.core.unsubscribe(id);
    });
    const id = this.core.subscribe(pattern, options.queue);
    if (options.max !== undefined) this.core.unsubscribe(id, options.max);
    this.#local.set(id, subscription);
    return subscription;
  }

  advertise(connectUrls: readonly string[], listener: ListenerId): void {
    this.core.advertise(connectUrls, this.now(), listener);
    this.settle();
  }

  async lameDuck(grace: number, duration: number): Promise<void> {
    this.core.lameDuck(grace, duration, this.now());
    this.settle();
    await this.#allClosed();
  }

  async end(deadline: number): Promise<void> {
    this.#grace = deadline;
    this.core.shutdown(this.now());
    this.settle();
    this.#endAlarm.set(realClock.now() + deadline);
    await this.#allClosed();
    this.#endAlarm.set(undefined);
    this.#alarm?.set(undefined);
    this.#alarm = undefined;
    for (const subscription of [...this.#local.values()]) subscription.unsubscribe();
  }

  /** Does what is due. */
  elapsed(): void {
    if (this.#alarm !== undefined) this.core.elapsed(this.now());
    this.settle();
  }

  /** Writes the bytes and performs the actions of the core. */
  settle(): void {
    for (const peer of this.core.writable) this.connections.get(peer)?.transmit();
    // A callback that publishes gets here again: its actions come after it, or callbacks would nest without end.
    if (this.#isSettling) return;
    this.#isSettling = true;
    try {
      for (let action = this.core.poll(); action !== undefined; action = this.core.poll()) this.#do(action);
    } finally {
      this.#isSettling = false;
    }
    this.#alarm?.set(this.core.deadline, this.connections.size === 0);
  }

  #do(action: Action): void {
    if (action.do === "deliver") this.#deliver(action);
    else if (action.do === "authorize") void this.#authorize(action);
    else if (action.do === "start-tls") this.connections.get(action.connection)?.startTls();
    else if (action.do === "stall") this.#stalls.add(action);
    else this.#close(action);
  }

  /** Resolves after the last connection has ended. */
  #allClosed(): Promise<void> {
    if (this.connections.size === 0) return Promise.resolve();
    this.#ended ??= new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    return this.#ended;
  }

  #close(action: CloseAction): void {
    const { connection, reason } = action;
    this.#closes.set(connection, action);
    // A client that is too slow will not read the rest either.
    this.connections.get(connection)?.close(reason === "slow", reason === "shutdown" ? this.#grace : undefined);
    this.#afterAuthorizing(connection);
  }

  #lost(connection: PeerConnection, recorder: FrameRecorder | undefined): void {
    const { id } = connection;
    const { message = "the connection ended" } = connection.cause ?? {};
    const { reason = "lost", detail = message } = this.#closes.get(id) ?? {};
    this.connections.delete(id);
    connection.end();
    this.#closes.delete(id);
    this.core.lost(id, this.now());
    recorder?.mark(reason === "lost" ? "client" : "server", "closed");
    this.#call(() => this.#options.closed?.(connection, reason, detail));
    this.settle();
    if (this.connections.size === 0) this.#resolveEnded();
  }

  async #authorize({ connection, options, nonce }: AuthorizeAction): Promise<void> {
    let grant: Grant | undefined;
    const client = this.connections.get(connection);
    // It has been killed meanwhile.
    if (client === undefined) return;
    // What follows CONNECT stays in the socket.
    client.pause("authorizer");
    this.#authorizing.set(connection, undefined);
    try {
      grant = await this.#options.authorize?.(options, nonce, client.origin);
    } catch (error) {
      // The client learns only that it is denied, never why.
      if (this.#options.failed !== undefined) this.#fail(error);
    }
    this.core.authorized(connection, grant, this.now());
    this.settle();
    client.resume("authorizer");
    this.#afterAuthorizing(connection);
  }

  #afterAuthorizing(connection: ConnectionId): void {
    const end = this.#authorizing.get(connection);
    this.#authorizing.delete(connection);
    end?.();
  }

  #deliver({ subscription, message }: DeliverAction): void {
    const local = this.#local.get(subscription);
    if (local !== undefined) this.#call(() => local.deliver(new DeliveredMessage(message, this.#options.respond)));
  }

  /** Calls the program; what it throws goes to `failed` and stops nothing here. */
  #call(program: () => unknown): void {
    try {
      const outcome = program();
      // It may be a promise.
      if (typeof outcome === "object") Promise.resolve(outcome).catch((error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { failed } = this.#options;
    try {
      if (failed === undefined) throw error;
      failed(error);
    } catch (uncaught) {
      timers.queueMicrotask(() => {
        throw uncaught;
      });
    }
  }

  /** Returns the time on the server's clock. */
  now(): number {
    return this.#options.clock.now();
  }
}
