// SPDX-License-Identifier: Apache-2.0
import type { Event, SessionConfig } from "@natswire/session";
import { hold } from "./laws.ts";
import type { Rare } from "./rare.ts";

const STABLE = 5000;

interface PoolEntry {
  attempts: number;
  readonly refusals: Set<string>;
  isGivenUp: boolean;
}

/** Models the server pool of a session: which servers it may dial, and when. */
export class Pool {
  readonly #config: SessionConfig;
  readonly #saw: (state: Rare) => void;
  readonly #servers = new Map<string, PoolEntry>();
  readonly #seeds: number;
  #dials = 0;
  #failures = 0;
  #last: string | undefined;
  #isStableAt = Number.POSITIVE_INFINITY;
  #connections = 0;
  #wasRefused = false;
  // The addresses that the attempt in progress has not tried.
  #untried = new Set<string>();
  /** Servers that were discovered and not configured. */
  readonly #discovered = new Set<string>();

  constructor(config: SessionConfig, addresses: readonly string[], saw: (state: Rare) => void) {
    this.#config = config;
    this.#saw = saw;
    for (const address of addresses) this.#servers.set(address, fresh());
    this.#seeds = addresses.length;
  }

  /** Returns whether one of these servers may be dialled. */
  hasAny(addresses: readonly string[]): boolean {
    return addresses.some((address) => this.#servers.has(address));
  }

  setServers(addresses: readonly string[]): void {
    const known = new Map(this.#servers);
    this.#untried.clear();
    this.#servers.clear();
    this.#discovered.clear();
    for (const address of addresses) {
      this.#servers.set(address, known.get(address) ?? fresh());
    }
    if (this.#last !== undefined && !addresses.includes(this.#last)) this.#saw("replaced");
  }

  /** @param addresses those of the name that is dialled */
  resolved(addresses: readonly string[]): void {
    this.#untried = new Set(addresses);
  }

  dialledAddress(server: string, address: string): void {
    hold("dials", this.#untried.delete(address), () => `${address} is not to be tried, or a second time`);
    // Replaced while it was resolved: the attempt ends with this address.
    if (!this.#servers.has(server)) this.#untried.clear();
    if (this.#untried.size === 0) this.#saw("lastAddress");
  }

  dialled(address: string): void {
    hold("dials", this.#untried.size === 0, () => `${[...this.#untried].join(", ")} was not tried`);
    this.#dropSpent();
    const server = this.#servers.get(address);
    hold("dials", server !== undefined, () => `${address} was dropped, or is unknown`);
    server!.attempts++;
    this.#dials++;
  }

  refused(address: string, code: string): void {
    const server = this.#servers.get(address);
    if (server === undefined) return;
    this.#wasRefused = true;
    const { ignoreAuthErrorAbort } = this.#config;
    const isSecond = server.refusals.has(code);
    if (isSecond) this.#saw(ignoreAuthErrorAbort ? "authIgnored" : "authTwice");
    if (isSecond && !ignoreAuthErrorAbort) {
      server.isGivenUp = true;
      this.#untried.clear();
    }
    server.refusals.add(code);
  }

  connected(address: string, now: number): void {
    const server = this.#servers.get(address);
    // Attempts before the first connection are not counted later.
    if (this.#connections === 0) for (const one of this.#servers.values()) one.attempts = 0;
    if (server !== undefined) this.#servers.set(address, fresh());
    if (this.#last !== undefined && this.#last !== address) this.#saw("elsewhere");
    if (this.#discovered.has(address)) this.#saw("discovered");
    if (this.#wasRefused) this.#saw("authOnce");
    this.#wasRefused = false;
    this.#untried.clear();
    this.#last = address;
    this.#isStableAt = now + STABLE;
    this.#connections++;
  }

  elapsed(now: number): void {
    if (now < this.#isStableAt) return;
    this.#failures = 0;
    this.#isStableAt = Number.POSITIVE_INFINITY;
  }

  disconnected(): void {
    this.#isStableAt = Number.POSITIVE_INFINITY;
  }

  learned({ added, deleted }: (Event & { event: "update" })["servers"]): void {
    for (const address of added) {
      this.#servers.set(address, fresh());
      this.#discovered.add(address);
    }
    for (const address of deleted) this.#servers.delete(address);
    if (deleted.length > 0) this.#saw("forgotten");
  }

  waits(after: number): void {
    if (this.#untried.size > 0) return hold("backoff", after === 0, () => `it waits ${after} ms for another address`);
    this.#dropSpent();
    hold("gaveUp", this.#servers.size > 0, () => `it waits ${after} ms for an attempt that it does not make`);
    const { reconnectTimeWait, maxReconnectTimeWait, reconnectDelay } = this.#config;
    const failures = this.#failures++;
    if (reconnectDelay !== undefined) return this.#saw("delayHook");
    const limit = failures === 0 ? 0 : reconnectTimeWait * 2 ** (failures - 1);
    if (limit >= maxReconnectTimeWait) this.#saw("cap");
    hold(
      "backoff",
      after <= Math.min(limit, maxReconnectTimeWait),
      () => `it waits ${after} ms after ${failures} failures`,
    );
  }

  /** Checks the end of a session that was not closed. */
  gaveUp(): void {
    const { reconnect, waitOnFirstConnect } = this.#config;
    this.#dropSpent();
    if (this.#servers.size === 0) return this.#saw("exhausted");
    if (this.#connections > 0) {
      hold("gaveUp", !reconnect, () => `it could still try ${[...this.#servers.keys()].join(", ")}`);
      return this.#saw("lostForGood");
    }
    hold("gaveUp", !waitOnFirstConnect && this.#dials >= this.#seeds, () => `it made only ${this.#dials} attempts`);
    this.#saw("firstFailed");
  }

  #dropSpent(): void {
    const { waitOnFirstConnect, maxReconnectAttempts } = this.#config;
    const limit = waitOnFirstConnect && this.#connections === 0 ? -1 : maxReconnectAttempts;
    for (const [address, { attempts, isGivenUp }] of this.#servers) {
      if (isGivenUp || (limit >= 0 && attempts >= limit)) this.#servers.delete(address);
    }
  }
}

function fresh(): PoolEntry {
  return { attempts: 0, refusals: new Set(), isGivenUp: false };
}
