// SPDX-License-Identifier: Apache-2.0
import type {
  Action,
  AuthorizeAction,
  Authorizer,
  CloseAction,
  ConnectionId,
  DeliverAction,
  Grant,
  ServerCore,
} from "@natswire/server";
import { Alarm, type Clock, realClock } from "../clock.ts";
import { DeliveredMessage, type Publish } from "../message.ts";
import { host } from "../platform.ts";
import { FrameRecorder } from "../testing/frame-recorder.ts";
import type { RecordedTranscript } from "../testing/transcript.ts";
import type { Transport, TransportHandler } from "../transport/transport.ts";
import { PeerConnection } from "./peer-connection.ts";
import type { ServerConnection } from "./server-connection.ts";
import { LocalSubscription, type ServerSubscribeOptions } from "./server-subscription.ts";

/** What a server tells the program it runs in. */
export interface ServerHooks {
  /** A client is there; nothing has been said yet. */
  readonly opened?: ((connection: ServerConnection) => void) | undefined;
  /** It is gone: why the server hung up and what was wrong, or "lost" where it did not. */
  readonly closed?:
    | ((connection: ServerConnection, reason: CloseAction["reason"] | "lost", detail: string) => void)
    | undefined;
  /**
   * An authorizer threw, which denied a client, or a subscription's callback, which lost it one message; be it at once or
   * as a promise. Where it is left out, what a callback or one of these hooks throws is an uncaught error of the program's.
   */
  readonly failed?: ((error: unknown) => void) | undefined;
}

/** Who is let in, and how a server's life is watched. */
export interface RunOptions extends ServerHooks {
  readonly authorize?: Authorizer | undefined;
  readonly clock: Clock;
  readonly transcript?: RecordedTranscript | undefined;
  readonly limits: { readonly line: number; readonly payload: number };
}

/** Carries bytes, actions and time between a ServerCore, its transports and its program. */
export class ServerDriver {
  readonly connections: Map<ConnectionId, PeerConnection> = new Map();
  readonly core: ServerCore;
  readonly #options: RunOptions;
  readonly #alarm: Alarm;
  readonly #endAlarm: Alarm;
  readonly #local = new Map<number, LocalSubscription>();
  readonly #hangUps = new Map<ConnectionId, CloseAction>();
  readonly #publish: Publish;
  #isSettling = false;
  #linger: number | undefined;
  #ended: Promise<void> | undefined;
  #allGone: () => void = () => {};

  /** @param publish how answers to received messages are published */
  constructor(core: ServerCore, options: RunOptions, publish: Publish) {
    this.core = core;
    this.#options = options;
    this.#publish = publish;
    this.#alarm = new Alarm(options.clock, () => {
      this.core.elapsed(this.#now());
      this.settle();
    });
    // A virtual clock that nobody lets go on must not keep a test from ending.
    this.#endAlarm = new Alarm(realClock, () => {
      for (const connection of this.connections.values()) connection.kill();
    });
  }

  accept(transport: Transport): TransportHandler {
    const { transcript, limits } = this.#options;
    let connection: PeerConnection | undefined;
    let scribe: FrameRecorder | undefined;
    return {
      open: () => {
        if (this.#linger !== undefined) return transport.abort();
        const id = this.core.opened(this.#now(), transport.tls);
        scribe = transcript && new FrameRecorder((entry) => transcript.add(entry), id, limits);
        const opened = new PeerConnection(id, this.core, this.#options.clock, transport, scribe);
        connection = opened;
        this.connections.set(id, opened);
        scribe?.mark("client", "opened");
        this.#tell(() => this.#options.opened?.(opened));
        this.settle();
      },
      data: (chunk) => {
        if (connection === undefined) return;
        scribe?.said(chunk);
        this.core.received(connection.id, chunk, this.#now());
        this.settle();
      },
      written: (bytes) => connection?.written(bytes),
      // What a slow peer does not take is counted by the core, which cuts it off at its limit.
      ready: () => {},
      close: () => {
        if (connection !== undefined) this.#lost(connection, scribe);
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

  announce(connectUrls: readonly string[]): void {
    this.core.advertise(connectUrls, this.#now());
    this.settle();
  }

  async lameDuck(grace: number, duration: number): Promise<void> {
    this.core.lameDuck(grace, duration, this.#now());
    this.settle();
    await this.#gone();
  }

  async end(deadline: number): Promise<void> {
    this.#linger = deadline;
    this.core.shutdown(this.#now());
    this.settle();
    this.#endAlarm.set(realClock.now() + deadline);
    await this.#gone();
    this.#endAlarm.set(undefined);
    this.#alarm.set(undefined);
    for (const subscription of [...this.#local.values()]) subscription.unsubscribe();
  }

  /** Does all that the core wants done. */
  settle(): void {
    for (const peer of this.core.writable) this.#transmit(peer);
    // A callback that publishes is back here: what comes of it is done behind it, or callbacks would nest without end.
    if (this.#isSettling) return;
    this.#isSettling = true;
    try {
      for (let action = this.core.poll(); action !== undefined; action = this.core.poll()) this.#do(action);
    } finally {
      this.#isSettling = false;
    }
    this.#alarm.set(this.core.deadline);
  }

  #do(action: Action): void {
    if (action.do === "deliver") this.#deliver(action);
    else if (action.do === "authorize") void this.#ask(action);
    else if (action.do === "start-tls") this.connections.get(action.connection)?.startTls();
    else this.#hangUp(action);
  }

  /** When there is no connection left. */
  #gone(): Promise<void> {
    if (this.connections.size === 0) return Promise.resolve();
    this.#ended ??= new Promise((resolve) => {
      this.#allGone = resolve;
    });
    return this.#ended;
  }

  #transmit(peer: ConnectionId): void {
    const connection = this.connections.get(peer);
    let bytes = this.core.transmit(peer);
    while (bytes !== undefined) {
      const next = this.core.transmit(peer);
      connection?.transmit(bytes, next !== undefined);
      bytes = next;
    }
  }

  #hangUp(action: CloseAction): void {
    this.#hangUps.set(action.connection, action);
    // A peer that did not read until it was cut off will not read the rest either.
    this.connections
      .get(action.connection)
      ?.hangUp(action.reason === "slow", action.reason === "shutdown" ? this.#linger : undefined);
  }

  #lost(connection: PeerConnection, scribe: FrameRecorder | undefined): void {
    const { id } = connection;
    const { reason = "lost", detail = "the connection ended" } = this.#hangUps.get(id) ?? {};
    this.#hangUps.delete(id);
    this.connections.delete(id);
    connection.gone();
    this.core.lost(id, this.#now());
    scribe?.mark(reason === "lost" ? "client" : "server", "closed");
    this.#tell(() => this.#options.closed?.(connection, reason, detail));
    this.settle();
    if (this.connections.size === 0) this.#allGone();
  }

  async #ask({ connection, options, nonce }: AuthorizeAction): Promise<void> {
    let grant: Grant | undefined;
    try {
      grant = await this.#options.authorize?.(options, nonce);
    } catch (error) {
      // Denied is what its client is told.
      if (this.#options.failed !== undefined) this.#fail(error);
    }
    this.core.authorized(connection, grant, this.#now());
    this.settle();
  }

  #deliver({ subscription, message }: DeliverAction): void {
    const local = this.#local.get(subscription);
    if (local !== undefined) this.#tell(() => local.deliver(new DeliveredMessage(message, this.#publish)));
  }

  /** What the program throws is its own affair, and stops nothing here. */
  #tell(program: () => unknown): void {
    try {
      const outcome = program();
      // An async function's.
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
      host.queueMicrotask(() => {
        throw uncaught;
      });
    }
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
