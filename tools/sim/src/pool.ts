// SPDX-License-Identifier: Apache-2.0
import type { Event, SessionConfig } from "@natswire/session";
import { hold } from "./laws.ts";
import type { Rare } from "./rare.ts";

const REFUSALS = 2;
const STABLE = 5000;

interface Place {
  attempts: number;
  refusals: number;
}

/** Where a session may go, and when: kept from what it does and tells. */
export class Pool {
  readonly #config: SessionConfig;
  readonly #saw: (state: Rare) => void;
  readonly #places = new Map<string, Place>();
  readonly #seeds: number;
  #dials = 0;
  #failures = 0;
  #last: string | undefined;
  #isStableAt = Number.POSITIVE_INFINITY;
  #connections = 0;
  #wasRefused = false;
  /** Servers it was told of and has never been configured with. */
  readonly #announced = new Set<string>();

  constructor(config: SessionConfig, addresses: readonly string[], saw: (state: Rare) => void) {
    this.#config = config;
    this.#saw = saw;
    for (const address of addresses) this.#places.set(address, { attempts: 0, refusals: 0 });
    this.#seeds = addresses.length;
  }

  /** Whether one of these may be gone to. */
  hasAny(addresses: readonly string[]): boolean {
    return addresses.some((address) => this.#places.has(address));
  }

  setServers(addresses: readonly string[]): void {
    const known = new Map(this.#places);
    this.#places.clear();
    this.#announced.clear();
    for (const address of addresses) {
      this.#places.set(address, known.get(address) ?? { attempts: 0, refusals: 0 });
    }
    if (this.#last !== undefined && !addresses.includes(this.#last)) this.#saw("replaced");
  }

  dialled(address: string): void {
    this.#forgetSpent();
    const place = this.#places.get(address);
    hold("dials", place !== undefined, () => `${address} was given up, or never named`);
    place!.attempts++;
    this.#dials++;
  }

  refused(address: string): void {
    const place = this.#places.get(address);
    if (place === undefined) return;
    place.refusals++;
    this.#wasRefused = true;
    if (place.refusals === REFUSALS) this.#saw("authTwice");
  }

  connected(address: string, now: number): void {
    const place = this.#places.get(address);
    if (place !== undefined) place.attempts = place.refusals = 0;
    if (this.#last !== undefined && this.#last !== address) this.#saw("elsewhere");
    if (this.#announced.has(address)) this.#saw("discovered");
    if (this.#wasRefused) this.#saw("authOnce");
    this.#wasRefused = false;
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
      this.#places.set(address, { attempts: 0, refusals: 0 });
      this.#announced.add(address);
    }
    for (const address of deleted) this.#places.delete(address);
    if (deleted.length > 0) this.#saw("forgotten");
  }

  waits(after: number): void {
    const { reconnectTimeWait, maxReconnectTimeWait, reconnectDelay } = this.#config;
    const failures = this.#failures++;
    if (reconnectDelay !== undefined) return this.#saw("delayHook");
    const limit = failures === 0 ? 0 : reconnectTimeWait * 2 ** (failures - 1);
    if (limit >= maxReconnectTimeWait) this.#saw("cap");
    hold(
      "backoff",
      after <= Math.min(limit, maxReconnectTimeWait),
      () => `it waits ${after} behind ${failures} failures`,
    );
  }

  /** The session is at an end, and nobody has closed it. */
  gaveUp(): void {
    const { reconnect, waitOnFirstConnect } = this.#config;
    this.#forgetSpent();
    if (this.#places.size === 0) return this.#saw("exhausted");
    if (this.#connections > 0) {
      hold("gaveUp", !reconnect, () => `there is ${[...this.#places.keys()].join(", ")} to go to`);
      return this.#saw("lostForGood");
    }
    hold("gaveUp", !waitOnFirstConnect && this.#dials >= this.#seeds, () => `${this.#dials} attempts were made`);
    this.#saw("firstFailed");
  }

  #forgetSpent(): void {
    const most = this.#config.maxReconnectAttempts;
    for (const [address, { attempts, refusals }] of this.#places) {
      if (refusals >= REFUSALS || (most >= 0 && attempts >= most)) this.#places.delete(address);
    }
  }
}
