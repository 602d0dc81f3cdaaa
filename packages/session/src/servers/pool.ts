// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { type Address, type Endpoint, formatEndpoint, keyOf, parseAddress } from "./address.ts";

// What a server may add to the pool (RELIABILITY S8).
const MAX_DISCOVERED = 1000;
const MAX_AUTH_FAILURES = 2;

/** One server a session may go to. */
export interface Candidate {
  readonly address: Address;
  /** It was configured, and is never dropped from the pool because a server does not name it. */
  readonly isSeed: boolean;
  /** Attempts to connect since it last let the session in. */
  attempts: number;
  /** Refusals of the session's credentials, one after the other. */
  authFailures: number;
}

/** A server as `selectServer` is shown it. */
export interface ServerCandidate {
  /** `host:port`. */
  readonly server: string;
  /** A server named it: it was not configured. */
  readonly isDiscovered: boolean;
  /** Attempts to connect since it last let the session in. */
  readonly attempts: number;
}

/** What a server's `connect_urls` changed. */
export interface ServersChanged {
  readonly added: readonly string[];
  readonly deleted: readonly string[];
}

/** The servers a session may go to, in the order in which they are tried: the one that was tried last is the last. */
export class ServerPool {
  #candidates: Candidate[] = [];
  readonly #maxAttempts: number;

  /**
   * @param shuffle puts the servers in the order they are tried in
   * @param maxAttempts attempts at one server before it is given up; -1 for no limit
   * @throws UsageError BAD_FIELD where there is none, or one is none
   */
  constructor(servers: readonly string[], shuffle: <T>(list: T[]) => T[], maxAttempts: number) {
    this.#maxAttempts = maxAttempts;
    this.seed(servers, shuffle);
  }

  get size(): number {
    return this.#candidates.length;
  }

  /** Replaces all servers by these. */
  seed(servers: readonly string[], shuffle: <T>(list: T[]) => T[]): void {
    if (servers.length === 0) throw new UsageError("BAD_FIELD", "there is no server to go to");
    const known = new Map(this.#candidates.map((one) => [keyOf(one.address.endpoint), one]));
    const seeds = new Map<string, Candidate>();
    for (const address of servers.map(parseAddress)) {
      const key = keyOf(address.endpoint);
      const seed = { address, isSeed: true };
      // One that is known stays the same: what becomes of an attempt at it under way is counted there.
      if (!seeds.has(key)) seeds.set(key, Object.assign(known.get(key) ?? { attempts: 0, authFailures: 0 }, seed));
    }
    this.#candidates = shuffle([...seeds.values()]);
  }

  /**
   * The next to try, which is the last from now on; `undefined` where none is left.
   *
   * @param choose which of them, by its place; the first where it says nothing that makes sense
   */
  next(choose: (servers: readonly ServerCandidate[]) => number | undefined = () => 0): Candidate | undefined {
    this.#candidates = this.#candidates.filter(({ attempts, authFailures }) => {
      return authFailures < MAX_AUTH_FAILURES && (this.#maxAttempts < 0 || attempts < this.#maxAttempts);
    });
    const at = this.#candidates.length < 2 ? 0 : choose(this.#candidates.map(toServerCandidate));
    const [candidate] = this.#candidates.splice(at !== undefined && at in this.#candidates ? at : 0, 1);
    if (candidate !== undefined) {
      candidate.attempts++;
      this.#candidates.push(candidate);
    }
    return candidate;
  }

  /** The session is in. */
  connected(candidate: Candidate): void {
    candidate.attempts = candidate.authFailures = 0;
  }

  /**
   * Takes in what a server says of its cluster: new ones are added, those it named before and names no more are
   * dropped, but for the one in use. A name that is none is passed over: it comes from outside.
   *
   * @param like the server that says so: the others are dialled as it is, and must have its name in their certificate
   */
  discover(connectUrls: readonly string[], like: Candidate, shuffle: <T>(list: T[]) => T[]): ServersChanged {
    if (connectUrls.length === 0) return { added: [], deleted: [] };
    const named = new Map<string, Candidate>();
    for (const text of connectUrls.slice(0, MAX_DISCOVERED)) {
      const endpoint = parseDiscovered(text, like.address.endpoint);
      if (endpoint !== undefined) {
        const address = { ...like.address, endpoint };
        named.set(keyOf(endpoint), { address, isSeed: false, attempts: 0, authFailures: 0 });
      }
    }
    const deleted: string[] = [];
    this.#candidates = this.#candidates.filter((candidate) => {
      const key = keyOf(candidate.address.endpoint);
      if (candidate.isSeed || candidate === like || named.has(key)) {
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

/** `host:port` and nothing else, to be dialled like the server that named it. */
function parseDiscovered(text: string, like: Endpoint): Endpoint | undefined {
  if (!/^(\[[0-9a-fA-F:.]+\]|[^:/@[\]\s]+):\d{1,5}$/.test(text)) return undefined;
  try {
    const { host, port } = parseAddress(text).endpoint;
    return { ...like, host, port, serverName: like.serverName };
  } catch {
    return undefined;
  }
}

function toServerCandidate({ address, isSeed, attempts }: Candidate): ServerCandidate {
  return { server: formatEndpoint(address.endpoint), isDiscovered: !isSeed, attempts };
}
