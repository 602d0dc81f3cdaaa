// SPDX-License-Identifier: Apache-2.0
import { isInboxPrefix, UsageError } from "@natswire/codec";
import type { ServerCandidate } from "./servers/pool.ts";
import { checkChoice, checkNumbers } from "./validate.ts";
import { VERSION } from "./version.ts";

/** Milliseconds on a monotonic clock of any origin. */
export type Millis = number;

/** When TLS is a must: always, where a server offers it, or never. */
export type TlsPolicy = "require" | "opportunistic" | "never";

/** What a session may be told; names as NATS JavaScript users know them wherever the meaning is the same. */
export interface SessionConfig {
  /** Fills bytes from a cryptographic source: the inbox, the order of servers, the time between attempts. */
  readonly random: (into: Uint8Array) => void;
  /** `nats://host:port` and the like; one or several. */
  readonly servers: readonly string[];
  /** Told to the server, for its operators. */
  readonly name: string | undefined;
  /** The client library, as CONNECT names it. */
  readonly lang: string;
  readonly version: string;
  /** Whether the runtime has credentials to be asked for; where a URL has some, it need not. */
  readonly hasCredentials: boolean;
  /** Credentials may go over plain text to a host that is not this machine. */
  readonly allowPlaintextCredentials: boolean;
  /** Where left out: required if a URL says `tls` or `wss`, or if there are credentials for a host that is not this machine. */
  readonly tls: TlsPolicy | undefined;
  /** TLS before anything is said, on TCP. */
  readonly handshakeFirst: boolean;
  /** Own messages do not come back. */
  readonly noEcho: boolean;
  readonly verbose: boolean;
  readonly pedantic: boolean;
  /** Time for one attempt from the dial to the first PONG, all together; 20 seconds. */
  readonly timeout: Millis;
  /** Time between PINGs; 2 minutes. */
  readonly pingInterval: Millis;
  /** PINGs that may be unanswered before the connection is stale; 2. */
  readonly maxPingOut: number;
  /** False: the first connection that is lost is the last. */
  readonly reconnect: boolean;
  /** Attempts at one server before it is given up, -1 for no limit; 10. */
  readonly maxReconnectAttempts: number;
  /** The second attempt waits at most this long, each further one at most twice as long; 250. */
  readonly reconnectTimeWait: Millis;
  /** No wait is longer; 8 seconds. */
  readonly maxReconnectTimeWait: Millis;
  /** The wait before an attempt, in place of the two above; what it throws is reported, and they are used. */
  readonly reconnectDelay: ((failures: number) => Millis) | undefined;
  /**
   * Which server is tried next, by its place in the list, which begins with the one whose turn it is; what it throws is
   * reported, and that one is tried.
   */
  readonly selectServer: ((servers: readonly ServerCandidate[]) => number | undefined) | undefined;
  /** A first connection is tried for like a lost one. */
  readonly waitOnFirstConnect: boolean;
  /** Servers are tried in the order given. */
  readonly noRandomize: boolean;
  /** What a server says of its cluster is not listened to. */
  readonly ignoreClusterUpdates: boolean;
  /** What inboxes begin with; `_INBOX`. */
  readonly inboxPrefix: string;
  /** Bytes that may wait to be sent; 8 MiB. */
  readonly maxPending: number;
  /** Bytes of subject, reply, queue group and sizes together, more than which a server is not sent; 4,096, as servers have it. */
  readonly maxControlLine: number;
  /** What is published while there is no connection. */
  readonly whileDisconnected: "buffer" | "reject" | "drop";
}

/** The defaults of `SessionConfig`; only `random` and `servers` have none. */
export const defaults: Omit<SessionConfig, "random" | "servers"> = {
  name: undefined,
  lang: "natswire",
  version: VERSION,
  hasCredentials: false,
  allowPlaintextCredentials: false,
  tls: undefined,
  handshakeFirst: false,
  noEcho: false,
  verbose: false,
  pedantic: false,
  timeout: 20_000,
  pingInterval: 120_000,
  maxPingOut: 2,
  reconnect: true,
  maxReconnectAttempts: 10,
  reconnectTimeWait: 250,
  maxReconnectTimeWait: 8_000,
  reconnectDelay: undefined,
  selectServer: undefined,
  waitOnFirstConnect: false,
  noRandomize: false,
  ignoreClusterUpdates: false,
  inboxPrefix: "_INBOX",
  maxPending: 8_388_608,
  maxControlLine: 4096,
  whileDisconnected: "buffer",
};

/**
 * What was given, and the defaults for the rest; an option that is given as `undefined` is not given.
 *
 * @throws UsageError BAD_NUMBER where a time or a limit is no number that makes sense, BAD_FIELD where a word or a text is none,
 * BAD_SUBJECT where the inbox prefix is no subject
 */
export function resolveConfig(
  given: Partial<SessionConfig> & Pick<SessionConfig, "random" | "servers">,
): SessionConfig {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const config = { ...defaults, ...(set as typeof given) };
  const { timeout, pingInterval, maxPingOut, maxPending, maxControlLine } = config;
  const { reconnectTimeWait, maxReconnectTimeWait, maxReconnectAttempts } = config;
  checkNumbers({
    timeout,
    pingInterval,
    maxPingOut,
    maxPending,
    maxControlLine,
    reconnectTimeWait,
    maxReconnectTimeWait,
  });
  if (maxReconnectAttempts !== -1) checkNumbers({ maxReconnectAttempts });
  if (typeof (config.name ?? "") !== "string") throw new UsageError("BAD_FIELD", "name must be text");
  checkChoice("whileDisconnected", config.whileDisconnected, "buffer, reject or drop");
  checkChoice("tls", config.tls, "require, opportunistic or never");
  if (!isInboxPrefix(config.inboxPrefix)) {
    throw new UsageError(
      "BAD_SUBJECT",
      `inboxPrefix ${JSON.stringify(config.inboxPrefix)} must be a subject without wildcards`,
    );
  }
  return config;
}
