// SPDX-License-Identifier: Apache-2.0

import type { Millis, SessionConfig } from "../config.ts";
import { Link } from "../link.ts";
import { backoff } from "./backoff.ts";
import { ServerPool, type ServersChanged } from "./pool.ts";

/** Which server is tried next, and when (RELIABILITY S9). */
export class ConnectScheduler {
  readonly #config: SessionConfig;
  readonly #pool: ServerPool;
  // Attempts that failed since a connection was a good one.
  #failures = 0;
  // Attempts that may still be made for the first connection.
  #attemptsLeft: number;
  #connections = 0;
  readonly #report: (detail: string) => void;

  /**
   * @param report told what a hook of the configuration threw
   * @throws UsageError BAD_FIELD where there is no server, or one is none
   */
  constructor(config: SessionConfig, report: (detail: string) => void) {
    this.#config = config;
    this.#report = report;
    this.#pool = new ServerPool(config.servers, this.#shuffle, config.maxReconnectAttempts);
    this.#attemptsLeft = config.waitOnFirstConnect ? Number.POSITIVE_INFINITY : this.#pool.size;
  }

  /** Connections there were, but for the first. */
  get reconnects(): number {
    return Math.max(0, this.#connections - 1);
  }

  /** An attempt at the next server; `undefined` where none is left. */
  next(now: Millis): Link | undefined {
    const { selectServer } = this.#config;
    const candidate = this.#pool.next((servers) => this.#callHook("selectServer", () => selectServer?.(servers)));
    if (candidate === undefined) return undefined;
    this.#attemptsLeft--;
    const { endpoint } = candidate.address;
    const scheme = this.#config.handshakeFirst && endpoint.scheme === "tcp" ? "tls-first" : endpoint.scheme;
    return new Link(candidate, { ...candidate.address, endpoint: { ...endpoint, scheme } }, this.#config, now);
  }

  /** The session is in; whether it was before. */
  connected({ candidate }: Link): boolean {
    this.#pool.connected(candidate);
    this.#attemptsLeft = Number.POSITIVE_INFINITY;
    return this.#connections++ > 0;
  }

  /** It has been there for a while: the next loss is a first one. */
  markStable(): void {
    this.#failures = 0;
  }

  /** How long to wait before the next attempt; `undefined` for ever. */
  delay(): Millis | undefined {
    if (this.#attemptsLeft <= 0 || (this.#connections > 0 && !this.#config.reconnect)) return undefined;
    const failures = this.#failures++;
    const own = this.#callHook("reconnectDelay", () => this.#config.reconnectDelay?.(failures));
    if (own !== undefined && own >= 0) return own;
    return backoff(failures, this.#config, (this.#randomWords(1)[0] ?? 0) / 2 ** 32);
  }

  /** What a server says of its cluster. */
  discover(connectUrls: readonly string[], { candidate }: Link): ServersChanged {
    return this.#pool.discover(connectUrls, candidate, this.#shuffle);
  }

  /** @throws UsageError BAD_FIELD where there is none, or one is none, and then the old ones stay */
  setServers(servers: readonly string[]): void {
    this.#pool.seed(servers, this.#shuffle);
  }

  #callHook(name: string, hook: () => number | undefined): number | undefined {
    try {
      return hook();
    } catch (error) {
      this.#report(`${name} threw: ${String(error)}`);
      return undefined;
    }
  }

  readonly #shuffle = <T>(list: T[]): T[] => {
    if (this.#config.noRandomize) return list;
    const words = this.#randomWords(list.length);
    const keyed = list.map((one, i) => [words[i] ?? 0, one] as const);
    return keyed.sort(([a], [b]) => a - b).map(([, one]) => one);
  };

  #randomWords(length: number): Uint32Array {
    const words = new Uint32Array(length);
    this.#config.random(new Uint8Array(words.buffer));
    return words;
  }
}
