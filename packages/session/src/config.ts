// SPDX-License-Identifier: Apache-2.0
import { isInboxPrefix, type Options } from "@natswire/codec";
import type { ServerCandidate } from "./servers/pool.ts";
import { checkChoice, checkKind, checkNumbers, wrongValue } from "./validate.ts";
import { VERSION } from "./version.ts";

/** Milliseconds: a duration, or an instant of a monotonic clock with any origin. */
export type Millis = number;

/** When TLS is used: always, if the server offers it, or never. */
export type TlsPolicy = "require" | "opportunistic" | "never";

/** The options of a session. They have the names of the NATS JavaScript client if the meaning is the same. */
export interface SessionConfig {
  /** Fills bytes from a cryptographic source: for the inbox, the order of the servers, and the backoff. */
  readonly random: (into: Uint8Array<ArrayBuffer>) => void;
  /** The server URLs, at least one: `nats://host:port`, `tls://`, `ws://`, `wss://` or `unix:/path`. */
  readonly servers: readonly string[];
  /** The name of the client, which the server shows to its operators. Default: none. */
  readonly name: string | undefined;
  /** The name of the client library, as CONNECT sends it. Default: `natswire`. */
  readonly lang: string;
  /** The version of the client library, as CONNECT sends it. Default: the version of this package. */
  readonly version: string;
  /** The runtime answers `sign` actions with credentials. Not needed for credentials in a URL. Default: false. */
  readonly hasCredentials: boolean;
  /** The runtime answers `resolve` actions with the addresses of a host. Default: false, and hosts are dialed by name. */
  readonly canResolve: boolean;
  /** Sends credentials over plain text to hosts that are not loopback. Default: false. */
  readonly allowPlaintextCredentials: boolean;
  /** Default: `require` for `tls` and `wss` URLs and for credentials to hosts that are not loopback, else `opportunistic`. */
  readonly tls: TlsPolicy | undefined;
  /** Starts TLS before INFO, on TCP. Default: false. */
  readonly handshakeFirst: boolean;
  /** Asks the server not to send back own messages. Default: false. */
  readonly noEcho: boolean;
  /** Asks the server to answer each operation with `+OK`. Default: false. */
  readonly verbose: boolean;
  /** Asks the server to check subjects more strictly. Default: false. */
  readonly pedantic: boolean;
  /**
   * Milliseconds for one attempt, from the dial to the first PONG. Default: 20,000. A discovered server must send INFO within
   * 2,000. Several addresses of a name share the time until INFO, but each has at least 2,000.
   */
  readonly timeout: Millis;
  /** Milliseconds between keep-alive PINGs. Default: 120,000. */
  readonly pingInterval: Millis;
  /** The number of unanswered PINGs after which the connection is stale. Default: 2. */
  readonly maxPingOut: number;
  /** Reconnects after a connection is lost. Default: true. */
  readonly reconnect: boolean;
  /** Failed attempts before a server is removed, -1 for no limit. Default: -1. */
  readonly maxReconnectAttempts: number;
  /** Keeps trying a server that refused the credentials twice in the same way. Default: false. */
  readonly ignoreAuthErrorAbort: boolean;
  /** The longest wait before the second attempt, in milliseconds. It doubles with each further attempt. Default: 250. */
  readonly reconnectTimeWait: Millis;
  /** The longest wait before any attempt, in milliseconds. Default: 2,000. */
  readonly maxReconnectTimeWait: Millis;
  /**
   * Returns the milliseconds to wait before an attempt, in place of the backoff. Gets the number of failures since a connection
   * was stable. If it throws, the error is reported and the backoff is used.
   */
  readonly reconnectDelay: ((failures: number) => Millis) | undefined;
  /**
   * Returns the index of the server to try next, or -1 for none now: it is asked again after the wait of a failed attempt. If it
   * returns no valid index, the first server is tried; if it throws, the error is reported too.
   */
  readonly selectServer: ((servers: readonly ServerCandidate[]) => number | undefined) | undefined;
  /** Retries the first connection without a limit of attempts. Default: false. */
  readonly waitOnFirstConnect: boolean;
  /** Tries the servers in the order given. Default: false. */
  readonly noRandomize: boolean;
  /** Ignores the `connect_urls` of servers. Default: false. */
  readonly ignoreClusterUpdates: boolean;
  /** The beginning of reply subjects. Default: `_INBOX`. */
  readonly inboxPrefix: string;
  /** The number of bytes that may wait to be sent. Default: 8 MiB. */
  readonly maxPending: number;
  /** The number of bytes that the arguments of a control line may have. Default: 4,096, the limit of nats-server. */
  readonly maxControlLine: number;
  /** What happens to messages that are published without a connection. Default: `buffer`. */
  readonly whileDisconnected: "buffer" | "reject" | "drop";
}

/** The defaults of `SessionConfig`. Only `random` and `servers` have none. */
export const defaults: Omit<SessionConfig, "random" | "servers"> = {
  name: undefined,
  lang: "natswire",
  version: VERSION,
  hasCredentials: false,
  canResolve: false,
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
  maxReconnectAttempts: -1,
  ignoreAuthErrorAbort: false,
  reconnectTimeWait: 250,
  maxReconnectTimeWait: 2_000,
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
 * Returns the options with defaults for the rest. `undefined` means the default.
 *
 * @throws UsageError BAD_NUMBER, BAD_FIELD or BAD_SUBJECT, with the name of the wrong option and its value
 */
export function resolveConfig(
  given: Options<SessionConfig> & Pick<SessionConfig, "random" | "servers">,
): SessionConfig {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const config = { ...defaults, ...(set as Partial<SessionConfig> & Pick<SessionConfig, "random" | "servers">) };
  checkKinds(config);
  checkChoice("whileDisconnected", config.whileDisconnected, "buffer, reject or drop");
  checkChoice("tls", config.tls, "require, opportunistic or never");
  if (!isInboxPrefix(config.inboxPrefix))
    throw wrongValue("inboxPrefix", "a subject without wildcards", config.inboxPrefix, "BAD_SUBJECT");
  return config;
}

/**
 * Checks the options that are numbers, strings, booleans or functions.
 *
 * @throws UsageError BAD_NUMBER or BAD_FIELD if one is of another kind
 */
function checkKinds(config: SessionConfig): void {
  const { random, name, reconnectDelay, selectServer, maxReconnectAttempts: attempts } = config;
  if (attempts !== -1 && !(typeof attempts === "number" && attempts > 0))
    throw wrongValue("maxReconnectAttempts", "a number above 0, or -1 for no limit", attempts, "BAD_NUMBER");
  for (const [option, value] of Object.entries({ ...defaults, maxReconnectAttempts: undefined })) {
    const kind = typeof value;
    const given = config[option as keyof SessionConfig];
    if (kind === "number") checkNumbers({ [option]: given });
    else if (kind === "string" || kind === "boolean") checkKind(option, given, kind);
  }
  checkKind("name", name ?? "", "string");
  for (const [option, given] of Object.entries({ random, reconnectDelay, selectServer }))
    if (given !== undefined) checkKind(option, given, "function");
}
