// SPDX-License-Identifier: Apache-2.0
import {
  type Authenticator,
  type ConnectionOptions,
  InvalidArgumentError,
  parseOptions,
  type TlsOptions,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/nats-core/internal";
import { checkFunction, checkOptions } from "@natswire/io/adapter";
import { type ConnectOptions, logFrames } from "@natswire/node";

/** Options of a connection: those of `@nats-io/transport-node`, without `reconnectToServer`. */
export interface NodeConnectionOptions extends Omit<ConnectionOptions, "reconnectToServer" | "tls"> {
  /**
   * Certificates, or files of them; with any object, TLS is required. `null` refuses TLS: a server that requires it is not used. By
   * default TLS is used if the server offers it.
   */
  tls?: (TlsOptions & { rejectUnauthorized?: boolean }) | null;
}

// An object, so that the compiler finds an option that is missing here.
const known: Record<keyof NodeConnectionOptions, 0> = {
  authenticator: 0,
  debug: 0,
  ignoreAuthErrorAbort: 0,
  ignoreClusterUpdates: 0,
  inboxPrefix: 0,
  maxPingOut: 0,
  maxReconnectAttempts: 0,
  name: 0,
  noAsyncTraces: 0,
  noEcho: 0,
  noRandomize: 0,
  pass: 0,
  pedantic: 0,
  pingInterval: 0,
  port: 0,
  reconnect: 0,
  reconnectDelayHandler: 0,
  reconnectJitter: 0,
  reconnectJitterTLS: 0,
  reconnectTimeWait: 0,
  resolve: 0,
  servers: 0,
  timeout: 0,
  tls: 0,
  token: 0,
  user: 0,
  verbose: 0,
  waitOnFirstConnect: 0,
};
// Bytes. nats.js has no limit.
const MAX_PENDING = 67_108_864;

/**
 * Returns the options of natswire for options of nats.js, with the defaults of nats.js.
 *
 * @throws UsageError BAD_FIELD if an option is unknown, or an authenticator is not a function
 * @throws InvalidArgumentError if `reconnectToServer` is given, or both `servers` and `port`
 */
export function toConnectOptions(given: NodeConnectionOptions): ConnectOptions {
  if ((given as ConnectionOptions | null)?.reconnectToServer !== undefined) {
    throw InvalidArgumentError.format(
      "reconnectToServer",
      "is not supported: use selectServer of connect in @natswire/node, and toNatsConnection of @natswire/nats-js",
    );
  }
  checkOptions(given, [...Object.keys(known), "maxReconnectAttempts maxReconnects"]);
  // `undefined` means the default. `resolve: true` would need the resolver of an official client.
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const options: NodeConnectionOptions = parseOptions({ ...set, resolve: false });
  const { servers, name, verbose, pedantic, noEcho, noRandomize, reconnect, waitOnFirstConnect } = options;
  const { ignoreClusterUpdates, ignoreAuthErrorAbort, tls } = options;
  return {
    servers,
    name,
    verbose,
    pedantic,
    noEcho,
    noRandomize,
    reconnect,
    waitOnFirstConnect,
    ignoreClusterUpdates,
    ignoreAuthErrorAbort,
    // For nats.js, 0 means the default.
    timeout: options.timeout || undefined,
    pingInterval: options.pingInterval || undefined,
    maxPingOut: options.maxPingOut || undefined,
    inboxPrefix: options.inboxPrefix || undefined,
    // For nats.js, 0 means one attempt.
    maxReconnectAttempts: options.maxReconnectAttempts || 1,
    authenticator: authenticatorsOf(given),
    allowPlaintextCredentials: true,
    tls: tls === null ? false : tls,
    resolve: given.resolve === false ? false : undefined,
    debug: options.debug ? logFrames() : undefined,
    asyncTraces: options.noAsyncTraces !== true,
    maxPending: MAX_PENDING,
    ...waits(options.reconnectDelayHandler as () => number),
  };
}

/** Returns the authenticators that nats.js would use: `user` and `token` are added to those that are given. */
function authenticatorsOf({
  authenticator = [],
  token,
  user,
  pass,
}: NodeConnectionOptions): ConnectOptions["authenticator"] {
  const all: Authenticator[] = [authenticator].flat();
  for (const one of all) checkFunction("authenticator", one);
  if (token) all.push(tokenAuthenticator(token));
  if (user) all.push(usernamePasswordAuthenticator(user, pass));
  if (all.length === 0) return undefined;
  // One of nats.js may return nothing.
  return all.map((one) => async (nonce) => (await one(nonce)) || {});
}

/** Waits as nats.js does: after an attempt at each server, not between attempts at different servers. */
function waits(milliseconds: () => number): Pick<ConnectOptions, "reconnectDelay" | "selectServer"> {
  let servers = 1;
  return {
    selectServer(all) {
      servers = all.length;
      return 0;
    },
    reconnectDelay: (failures) => (failures > 0 && failures % servers === 0 ? milliseconds() : 0),
  };
}
