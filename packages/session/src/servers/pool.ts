// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import {
  type Address,
  type Endpoint,
  formatEndpoint,
  isIpAddress,
  keyOf,
  parseAddress,
  parseServers,
} from "./address.ts";

// Servers that a server may add to the pool (docs/reliability.md, S8).
const MAX_DISCOVERED = 1000;

/** One server of the pool. */
export interface Candidate {
  address: Address;
  /** It was configured. A seed is not removed if no server names it. */
  readonly isSeed: boolean;
  /** Attempts since the last completed handshake. An attempt at a name tries each of its addresses. */
  attempts: number;
  /** The addresses of a name that this attempt has not tried yet. */
  addresses: string[];
  /** How many addresses the name has. */
  addressCount: number;
  /** How it refused the credentials since the last completed handshake: addresses, and the codes of their errors. */
  readonly refusals: Set<string>;
  /** It refused the credentials twice in the same way, and is not tried again. */
  isGivenUp: boolean;
}

/** A server as `selectServer` gets it. */
export interface ServerCandidate {
  /** `host:port`. */
  readonly server: string;
  /** Another server named it in `connect_urls`. */
  readonly isDiscovered: boolean;
  /** Attempts since the last completed handshake. */
  readonly attempts: number;
}

/** The changes by the `connect_urls` of a server, each as `host:port`. */
export interface ServersChanged {
  readonly added: readonly string[];
  readonly deleted: readonly string[];
}

/** The servers of a session, in the order of the next attempts. The server that was tried last is at the end. */
export class ServerPool {
  #candidates: Candidate[] = [];
  // Failed attempts before a server is removed, -1 for no limit.
  #maxAttempts = -1;

  /**
   * @param shuffle puts the servers in the order of the attempts
   * @throws UsageError BAD_FIELD if there is no server, or one is not a server URL
   */
  constructor(servers: readonly string[], shuffle: <T>(list: T[]) => T[]) {
    this.seed(servers, shuffle);
  }

  get size(): number {
    return this.#candidates.length;
  }

  /** Replaces all servers. One that is configured again keeps its counts. */
  seed(servers: readonly string[], shuffle: <T>(list: T[]) => T[]): void {
    const addresses = parseServers(servers);
    if (addresses.length === 0) throw new UsageError("BAD_FIELD", "servers must name at least one server");
    const known = new Map(this.#candidates.map((candidate) => [keyOf(candidate.address.endpoint), candidate]));
    const seeds = new Map<string, Candidate>();
    for (const address of addresses) {
      const key = keyOf(address.endpoint);
      const seed = { address, isSeed: true };
      // The same object: an attempt in progress counts there.
      if (!seeds.has(key)) seeds.set(key, Object.assign(known.get(key) ?? untried(), seed));
    }
    this.#candidates = shuffle([...seeds.values()]);
  }

  /**
   * Returns the server of the next attempt and moves it to the end, or `undefined` if no server is left or wanted.
   *
   * @param choose returns an index, or -1 for no server. The first server is used if that index does not exist.
   */
  next(choose: (servers: readonly ServerCandidate[]) => number = () => 0): Candidate | undefined {
    if (this.isExhausted()) return undefined;
    if (this.hasNextAddress) return this.#candidates.at(-1);
    this.#preferSeed();
    const at = choose(this.#candidates.map(toServerCandidate));
    if (at === -1) return undefined;
    const [candidate] = this.#candidates.splice(at in this.#candidates ? at : 0, 1);
    if (candidate !== undefined) {
      candidate.attempts++;
      this.#candidates.push(candidate);
    }
    return candidate;
  }

  /** Whether the attempt at the last server continues at another address of its name. */
  get hasNextAddress(): boolean {
    const last = this.#candidates.at(-1);
    return last !== undefined && last.addresses.length > 0 && !last.isGivenUp;
  }

  /**
   * Moves a configured server to the front after a failed attempt at a discovered one: a cluster may announce addresses that
   * cannot be reached from here.
   */
  #preferSeed(): void {
    const last = this.#candidates.at(-1);
    const at = this.#candidates.findIndex(({ isSeed }) => isSeed);
    if (at > 0 && last?.isSeed === false && last.attempts > 0)
      this.#candidates.unshift(...this.#candidates.splice(at, 1));
  }

  /** Removes the servers that were given up. Returns whether none is left. */
  isExhausted(): boolean {
    this.#candidates = this.#candidates.filter(({ attempts, addresses, isGivenUp }) => {
      return !isGivenUp && (this.#maxAttempts < 0 || attempts < this.#maxAttempts || addresses.length > 0);
    });
    return this.#candidates.length === 0;
  }

  /**
   * Begins to count attempts, and to remove servers.
   *
   * @param maxAttempts failed attempts before a server is removed, -1 for no limit
   */
  limit(maxAttempts: number): void {
    this.#maxAttempts = maxAttempts;
    for (const one of this.#candidates) one.attempts = 0;
  }

  /** Resets the counts of a server after a completed handshake. */
  connected(candidate: Candidate): void {
    candidate.attempts = 0;
    candidate.addresses = [];
    candidate.refusals.clear();
  }

  /** Records that a server refused the credentials. It is given up after the same refusal twice. */
  refused(candidate: Candidate, refusal: string): void {
    candidate.isGivenUp ||= candidate.refusals.has(refusal);
    candidate.refusals.add(refusal);
  }

  /**
   * Adds the servers of a `connect_urls` field, and removes discovered servers that it no longer names, except the one in use.
   * Entries that are not `host:port` are skipped: they come from outside.
   *
   * @param source the server that sent the field. The others are dialed the same way.
   * @param isSecure the field was received inside TLS
   */
  discover(
    connectUrls: readonly string[],
    source: Candidate,
    isSecure: boolean,
    shuffle: <T>(list: T[]) => T[],
  ): ServersChanged {
    if (connectUrls.length === 0) return { added: [], deleted: [] };
    const named = new Map<string, Candidate>();
    for (const text of connectUrls.slice(0, MAX_DISCOVERED)) {
      const endpoint = parseDiscovered(text, source.address.endpoint, isSecure);
      if (endpoint !== undefined) {
        named.set(keyOf(endpoint), { ...untried(), address: { ...source.address, endpoint }, isSeed: false });
      }
    }
    const deleted: string[] = [];
    this.#candidates = this.#candidates.filter((candidate) => {
      const key = keyOf(candidate.address.endpoint);
      const found = named.get(key);
      if (candidate.isSeed || candidate === source || found !== undefined) {
        // What was received inside TLS replaces what was received in plain text.
        if (found !== undefined && isSecure && !candidate.isSeed) candidate.address = found.address;
        named.delete(key);
        return true;
      }
      deleted.push(formatEndpoint(candidate.address.endpoint));
      return false;
    });
    const added = shuffle([...named.values()]);
    // Before the one in use, which was tried last.
    this.#candidates.splice(Math.max(0, this.#candidates.length - 1), 0, ...added);
    return { added: added.map(({ address }) => formatEndpoint(address.endpoint)), deleted };
  }
}

function untried(): Omit<Candidate, "address" | "isSeed"> {
  return { attempts: 0, addresses: [], addressCount: 1, refusals: new Set(), isGivenUp: false };
}

/**
 * Reads `host:port` and nothing else. The rest is taken from the server that named it.
 *
 * The certificate must have the name of that server, not the new host: anybody on the way could have sent the field. If it was
 * received inside TLS, the certificate must have the new host, unless that is an address and the known server has a name.
 */
function parseDiscovered(text: string, source: Endpoint, isSecure: boolean): Endpoint | undefined {
  if (!/^(\[[0-9a-fA-F:.]+\]|[^:/@[\]\s]+):\d{1,5}$/.test(text)) return undefined;
  try {
    const { host, port } = parseAddress(text).endpoint;
    const isOwn = isSecure && (!isIpAddress(host) || isIpAddress(source.serverName));
    return { ...source, host, port, serverName: isOwn ? host : source.serverName };
  } catch {
    return undefined;
  }
}

function toServerCandidate({ address, isSeed, attempts }: Candidate): ServerCandidate {
  return { server: formatEndpoint(address.endpoint), isDiscovered: !isSeed, attempts };
}
