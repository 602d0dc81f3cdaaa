// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "../config.ts";
import type { SessionContext } from "../context.ts";
import { Link } from "../link.ts";
import type { Failure } from "../outputs.ts";
import { isIpAddress, isResolvable, keyOf } from "./address.ts";
import { backoff } from "./backoff.ts";
import { ServerPool } from "./pool.ts";

// Milliseconds in which a discovered server must send INFO: its address may be one that cannot be reached from here. The
// addresses of a name share the time of the attempt, but each has at least this long.
const INFO_TIMEOUT: Millis = 2000;
// Failures that an error lists.
const MAX_DETAILS = 10;

/** Chooses the server of the next attempt, and the time to wait before it (docs/reliability.md, S9). */
export class ConnectScheduler {
  readonly #context: SessionContext;
  readonly #pool: ServerPool;
  // Failed attempts since a connection was stable.
  #failures = 0;
  // Why the last attempt at each server failed, since the last completed handshake.
  readonly #details = new Map<string, string>();
  // Attempts left for the first connection.
  #attemptsLeft: number;
  #connections = 0;
  // Attempts since the last completed handshake.
  #attempts = 0;

  /** @throws UsageError BAD_FIELD if there is no server, or one is not a server URL */
  constructor(context: SessionContext) {
    const { servers, maxReconnectAttempts, waitOnFirstConnect } = context.config;
    this.#context = context;
    this.#pool = new ServerPool(servers, this.#shuffle);
    // With `waitOnFirstConnect`, no server is removed before the first connection.
    if (!waitOnFirstConnect) this.#pool.limit(maxReconnectAttempts);
    this.#attemptsLeft = waitOnFirstConnect ? Number.POSITIVE_INFINITY : this.#pool.size;
  }

  /** The number of connections after the first. */
  get reconnects(): number {
    return Math.max(0, this.#connections - 1);
  }

  /**
   * Begins an attempt at the next server, or at the next address of its name. Returns `undefined` if no server is left
   * or wanted.
   *
   * @param failure why the last attempt failed
   */
  next(failure: Failure | undefined): Link | undefined {
    const { config, now } = this.#context;
    if (!this.#pool.hasNextAddress) this.#attemptsLeft--;
    const candidate = this.#pool.next((servers) =>
      this.#callHook("selectServer", () => config.selectServer?.(servers)),
    );
    if (candidate === undefined) return undefined;
    const { endpoint } = candidate.address;
    const scheme = config.handshakeFirst && endpoint.scheme === "tcp" ? "tls-first" : endpoint.scheme;
    const link = new Link({ candidate, address: { ...candidate.address, endpoint: { ...endpoint, scheme } }, config });
    this.#context.emit({ event: "connecting", to: link.address.endpoint, attempt: ++this.#attempts, failure });
    if (!config.canResolve || candidate.addresses.length > 0 || !isResolvable(link.address.endpoint)) this.#dial(link);
    else {
      link.begin("resolving", config.timeout, now);
      this.#context.emit({ do: "resolve", host: endpoint.host });
    }
    return link;
  }

  /**
   * Continues an attempt with the addresses of a host name, in random order. Those of the family that the resolver listed first,
   * IPv4 or IPv6, come before the others.
   */
  resolved(link: Link, addresses: readonly string[]): void {
    const { candidate } = link;
    const rank = (address: string): number => Number(address.includes(":") !== addresses[0]?.includes(":"));
    candidate.addresses = this.#shuffle(addresses.filter(isIpAddress)).sort((a, b) => rank(a) - rank(b));
    candidate.addressCount = candidate.addresses.length;
    this.#dial(link);
  }

  /** Dials the next address of a server's name, or the server as it is configured. */
  #dial(link: Link): void {
    const { addresses, addressCount, isSeed } = link.candidate;
    const { config, now } = this.#context;
    const share = isSeed ? Math.ceil(config.timeout / addressCount) : 0;
    const to = { ...link.address.endpoint, address: addresses.shift() };
    link.address = { ...link.address, endpoint: to };
    link.begin("dialing", Math.min(config.timeout, Math.max(share, INFO_TIMEOUT)), now);
    this.#context.emit({ do: "dial", to, timeout: link.timeout });
  }

  /** Records why an attempt failed. */
  failed({ address }: Link, detail: string): void {
    const server = `${keyOf(address.endpoint)} ${address.endpoint.address ?? ""}`;
    // The latest failure is the last in the map.
    this.#details.delete(server);
    this.#details.set(server, detail);
  }

  /** Returns the last failed attempt at each server since the last completed handshake, ten at most, with `latest` at the end. */
  describeFailures(latest: string): string {
    const details = [...this.#details.values()].filter((detail) => detail !== latest);
    const omitted = details.length - MAX_DETAILS + 1;
    const listed = [...details.slice(-MAX_DETAILS + 1), latest].join("; ");
    const more = omitted > 0 ? `; and ${omitted} more` : "";
    return `${listed}${more}${this.#pool.isExhausted() ? "; no server left to try" : ""}`;
  }

  /** Counts a completed handshake. Returns whether there was a connection before. */
  connected({ candidate }: Link): boolean {
    this.#details.clear();
    if (this.#connections === 0) this.#pool.limit(this.#context.config.maxReconnectAttempts);
    this.#pool.connected(candidate);
    this.#attempts = 0;
    this.#attemptsLeft = Number.POSITIVE_INFINITY;
    return this.#connections++ > 0;
  }

  /** Records that a server refused the credentials. */
  refused({ candidate, address }: Link, code: string): void {
    const { ignoreAuthErrorAbort } = this.#context.config;
    if (!ignoreAuthErrorAbort) this.#pool.refused(candidate, `${code} ${address.endpoint.address ?? ""}`);
  }

  /** Resets the backoff, after a connection has been ready for a while. */
  markStable(): void {
    this.#failures = 0;
  }

  /** Returns the milliseconds to wait before the next attempt, or `undefined` if that was the last one. */
  delay(): Millis | undefined {
    const { config } = this.#context;
    if (this.#pool.hasNextAddress) return 0;
    if (this.#attemptsLeft <= 0 || this.#pool.isExhausted() || (this.#connections > 0 && !config.reconnect))
      return undefined;
    const failures = this.#failures++;
    const chosen = this.#callHook("reconnectDelay", () => config.reconnectDelay?.(failures));
    if (chosen >= 0) return chosen;
    return backoff(failures, config, (this.#randomWords(1)[0] ?? 0) / 2 ** 32);
  }

  /** Adds the servers of a `connect_urls` field to the pool, removes those it no longer names, and emits `update`. */
  discover({ info, candidate, hasSecureUrls }: Link): void {
    if (this.#context.config.ignoreClusterUpdates) return;
    const servers = this.#pool.discover(info.connect_urls ?? [], candidate, hasSecureUrls, this.#shuffle);
    if (servers.added.length + servers.deleted.length > 0) this.#context.emit({ event: "update", servers });
  }

  /** @throws UsageError BAD_FIELD if there is no server, or one is not a server URL. The old servers then stay. */
  setServers(servers: readonly string[]): void {
    this.#pool.seed(servers, this.#shuffle);
  }

  /** Returns the number that a hook of the application returns. It may return anything. */
  #callHook(name: string, hook: () => unknown): number {
    try {
      return Number(hook());
    } catch (error) {
      this.#context.emit({ event: "error", reason: "LOST", detail: `${name} threw: ${String(error)}` });
      return Number.NaN;
    }
  }

  readonly #shuffle = <T>(list: T[]): T[] => {
    if (this.#context.config.noRandomize) return list;
    const words = this.#randomWords(list.length);
    const keyed = list.map((item, i) => [words[i] ?? 0, item] as const);
    return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
  };

  #randomWords(length: number): Uint32Array {
    const words = new Uint32Array(length);
    this.#context.config.random(new Uint8Array(words.buffer));
    return words;
  }
}
