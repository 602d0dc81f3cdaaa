// SPDX-License-Identifier: Apache-2.0
import {
  type Ask,
  type Authorize,
  type Grant,
  type PeerId,
  type ServerConfig,
  ServerCore,
  type ServerStats,
} from "@natswire/server";
import { Alarm, now, random } from "./platform.ts";
import type { Listen, Listener, Transport, TransportHandler } from "./transport.ts";

/** Where to listen; loopback and a free port where left out. */
export interface ServeAt {
  readonly host?: string;
  readonly port?: number;
}

/** What a server may be told: the limits of ServerConfig, and who is let in. */
export interface ServeOptions extends Partial<Omit<ServerConfig, "authRequired">> {
  /** Who has no CONNECT that it grants is not let in; one that throws denies. Everybody is where it is left out. */
  readonly authorize?: Authorize;
}

/** A server that listens. */
export interface Server extends AsyncDisposable {
  /** What a client connects to, as `nats://host:port`. */
  readonly url: string;
  readonly port: number;
  readonly stats: ServerStats;
  /** Tells the clients that understand it of other servers, `host:port`, that they may go to. */
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
   * @param deadline milliseconds after which the ones that do not read are cut off; 1,000 by default
   */
  close(deadline?: number): Promise<void>;
}

/**
 * Runs an embedded server on a runtime's sockets.
 *
 * @throws whatever `listen` throws, an address in use for instance
 */
export async function serveWith(listen: Listen, at: ServeAt = {}, options: ServeOptions = {}): Promise<Server> {
  const { host = "127.0.0.1", port = 0 } = at;
  const { authorize, ...config } = options;
  const run = new ServerRun(authorize);
  const listener = await listen({ host, port }, (transport) => run.accept(transport));
  run.begin(new ServerCore({ random, host, ...config, port: listener.port, authRequired: authorize !== undefined }));
  return new Running(host, listener, run);
}

class Running implements Server {
  readonly url: string;
  readonly port: number;
  readonly #listener: Listener;
  readonly #run: ServerRun;

  constructor(host: string, listener: Listener, run: ServerRun) {
    this.url = `nats://${host.includes(":") ? `[${host}]` : host}:${listener.port}`;
    this.port = listener.port;
    this.#listener = listener;
    this.#run = run;
  }

  get stats(): ServerStats {
    return this.#run.core.stats;
  }

  announce(connectUrls: readonly string[]): void {
    this.#run.announce(connectUrls);
  }

  async lameDuck(grace = 10_000, duration = 120_000): Promise<void> {
    const stopped = this.#listener.close();
    await this.#run.lameDuck(grace, duration);
    await stopped;
  }

  async close(deadline = 1000): Promise<void> {
    const stopped = this.#listener.close();
    await this.#run.end(deadline);
    await stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Carries bytes, actions and time between a ServerCore and its transports. */
class ServerRun {
  core!: ServerCore;
  readonly #transports = new Map<PeerId, Transport>();
  readonly #alarm = new Alarm(() => {
    this.core.elapsed(now());
    this.#settle();
  });
  readonly #endAlarm = new Alarm(() => {
    for (const transport of this.#transports.values()) transport.abort();
  });
  #ended: Promise<void> | undefined;
  #linger: number | undefined;
  #allGone: () => void = () => {};
  readonly #authorize: Authorize | undefined;

  constructor(authorize: Authorize | undefined) {
    this.#authorize = authorize;
  }

  begin(core: ServerCore): void {
    this.core = core;
  }

  accept(transport: Transport): TransportHandler {
    let peer: PeerId = 0;
    return {
      open: () => {
        peer = this.core.opened(now());
        this.#transports.set(peer, transport);
        this.#settle();
      },
      data: (chunk) => {
        this.core.received(peer, chunk, now());
        this.#settle();
      },
      written: (bytes) => this.core.released(peer, bytes),
      // What a slow peer does not take is counted by the core, which cuts it off at its limit.
      drain: () => {},
      close: () => {
        this.core.lost(peer, now());
        this.#transports.delete(peer);
        this.#settle();
        if (this.#transports.size === 0) this.#allGone();
      },
    };
  }

  announce(connectUrls: readonly string[]): void {
    this.core.announce(connectUrls, now());
    this.#settle();
  }

  async lameDuck(grace: number, duration: number): Promise<void> {
    this.core.lameDuck(grace, duration, now());
    this.#settle();
    await this.#gone();
  }

  async end(deadline: number): Promise<void> {
    this.#linger = deadline;
    this.core.shutdown(now());
    this.#settle();
    this.#endAlarm.set(now() + deadline);
    await this.#gone();
    this.#endAlarm.set(undefined);
    this.#alarm.set(undefined);
  }

  /** When there is no connection left. */
  #gone(): Promise<void> {
    if (this.#transports.size === 0) return Promise.resolve();
    this.#ended ??= new Promise((resolve) => {
      this.#allGone = resolve;
    });
    return this.#ended;
  }

  #settle(): void {
    for (const peer of this.core.writable) this.#transmit(peer);
    for (let action = this.core.poll(); action !== undefined; action = this.core.poll()) {
      if (action.do === "authorize") {
        void this.#ask(action);
        continue;
      }
      if (action.do === "deliver") continue;
      const transport = this.#transports.get(action.peer);
      // A peer that did not read until it was cut off will not read the rest either.
      if (action.why === "slow") transport?.abort();
      else transport?.close(action.why === "shutdown" ? this.#linger : undefined);
    }
    this.#alarm.set(this.core.deadline);
  }

  async #ask({ peer, options, nonce }: Ask): Promise<void> {
    let grant: Grant | undefined;
    try {
      grant = await this.#authorize?.(options, nonce);
    } catch {
      grant = undefined;
    }
    this.core.authorized(peer, grant, now());
    this.#settle();
  }

  #transmit(peer: PeerId): void {
    const transport = this.#transports.get(peer);
    let bytes = this.core.transmit(peer);
    while (bytes !== undefined) {
      const next = this.core.transmit(peer);
      transport?.write(bytes, next !== undefined);
      bytes = next;
    }
  }
}
