// SPDX-License-Identifier: Apache-2.0
import { type Options, UsageError } from "@natswire/codec";
import { type Credentials, defaults, type SessionConfig } from "@natswire/session";
import { badField } from "../bad-field.ts";
import { type Clock, checkClock, realClock } from "../clock.ts";
import { checkFunction, checkOptions } from "../options.ts";
import type { Dial, Resolve } from "../transport/transport.ts";
import type { AbortSignalLike } from "../wait.ts";
import type { Status } from "./connection.ts";
import type { ConnectionHooks } from "./connection-hooks.ts";
import { checkHooks } from "./hook-calls.ts";

/** Returns the credentials of a client. Called for each connection, with the nonce that the server sent, if any. */
export type Authenticator = (nonce: string | undefined) => Credentials | Promise<Credentials>;

/** A server URL as text, or a `URL`. */
export type ServerUrl = string | { readonly href: string };

/** Observes the bytes of each connection of a client. `logFrames` makes one that prints the frames. */
export interface DebugLog {
  /**
   * Returns what is called with the chunks that a new connection sends and receives. It must not change or keep them.
   *
   * @param connection the number of the connection, counted from 1
   * @param thrown reports an error of the program as an error of a callback
   */
  open(
    connection: number,
    thrown: (error: unknown) => void,
  ): { sent(chunk: Uint8Array): void; received(chunk: Uint8Array): void };
}

/** Options of a connection; the names are those of nats.js if the meaning is the same. */
export interface ConnectionOptions
  extends Options<Omit<SessionConfig, "random" | "servers" | "hasCredentials" | "canResolve">> {
  /**
   * Server URLs, or lists with commas: `nats://`, `tls://`, `ws://`, `wss://` or `unix:/path`. `nats://127.0.0.1:4222` by
   * default.
   */
  readonly servers?: ServerUrl | readonly ServerUrl[] | undefined;
  /** The port on 127.0.0.1, if no `servers` are given; 4222 by default. */
  readonly port?: number | undefined;
  /** The name to authenticate with, together with `pass`. */
  readonly user?: string | undefined;
  /** The password of `user`. */
  readonly pass?: string | undefined;
  /** The token to authenticate with, if the server expects one. */
  readonly token?: string | undefined;
  /**
   * Provides the credentials, in place of the three options above. The results of several are merged, and later ones win. If one
   * throws, the attempt to connect fails.
   */
  readonly authenticator?: Authenticator | readonly Authenticator[] | undefined;
  /** Aborts the attempt to connect; without effect after that. */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * A function that resolves host names, or `false` to dial them by name. By default the runtime's resolver is used, and all
   * addresses of a name are tried; a browser resolves names itself.
   */
  readonly resolve?: Resolve | false | undefined;
  /** Called for everything that happens to the connection, beginning with the first attempt. */
  readonly onStatus?: ((status: Status) => void) | undefined;
  /** Shows every frame that is sent or received: `logFrames()` prints them, `logFrames(hook)` calls a function with each. */
  readonly debug?: DebugLog | false | undefined;
  /**
   * Adds the stack of the call to errors of requests and flushes, which costs time on each call. False by default: the stack then
   * names only the async functions that await the call.
   */
  readonly asyncTraces?: boolean | undefined;
  /** Hooks for tracing and metrics. They run inside the `channelHooks` of Node, Deno and Bun. */
  readonly hooks?: ConnectionHooks | undefined;
  /** The clock for every timeout; the machine's by default. */
  readonly clock?: Clock | undefined;
}

/** Every option of `connect` on any transport; an adapter adds its own. */
export const connectionOptions: readonly string[] = [
  ...Object.keys(defaults).filter((name) => !/^(has|can)[A-Z]/.test(name)),
  ...["servers", "port", "user", "pass", "token", "authenticator", "signal", "resolve", "onStatus", "debug"],
  ...["asyncTraces", "hooks", "clock"],
  // What other clients call these.
  ...["servers server url host", "user username", "pass password", "token auth_token"],
  ...["authenticator creds userCreds nkey jwt", "factory wsFactory", "timeout connectTimeout"],
  ...["maxReconnectAttempts maxReconnects", "reconnectDelay reconnectDelayHandler"],
  ...["reconnectTimeWait reconnectJitter reconnectJitterTLS", "asyncTraces noAsyncTraces"],
];

/**
 * Returns the options as a session takes them, and the others with their defaults.
 *
 * @throws UsageError BAD_FIELD if an option is unknown or of the wrong kind
 */
export function resolveOptions(
  options: Omit<ConnectionOptions, "signal">,
  dial: Dial,
): {
  readonly config: Omit<SessionConfig, "random">;
  readonly authenticator: Authenticator | undefined;
  readonly resolve: Resolve | undefined;
  readonly onStatus: ((status: Status) => void) | undefined;
  readonly debug: DebugLog | undefined;
  readonly clock: Clock;
  readonly asyncTraces: boolean;
  readonly hooks: ConnectionHooks | undefined;
} {
  const { servers, port = 4222, user, pass, token, authenticator: own, resolve, debug, clock, ...more } = options;
  const { asyncTraces = false, onStatus, hooks, ...rest } = more;
  if (!(Number.isInteger(port) && port > 0 && port < 65_536))
    throw new UsageError("BAD_NUMBER", `port must be a whole number from 1 to 65535, not ${JSON.stringify(port)}`);
  for (const [name, text] of Object.entries({ user, pass, token })) {
    if (text !== undefined && typeof text !== "string") throw badField(name, "a string", text);
  }
  if (debug !== undefined && debug !== false && typeof debug?.open !== "function") {
    const { message } = badField("debug", "logFrames() or logFrames(hook)", debug);
    throw new UsageError("BAD_FIELD", `${message}; import logFrames from the package of connect`);
  }
  if (typeof asyncTraces !== "boolean") throw badField("asyncTraces", "true or false", asyncTraces);
  checkFunction("onStatus", onStatus);
  checkHooks(hooks);
  if (resolve !== false) checkFunction("resolve", resolve);
  checkClock(clock);
  // An empty string is no credential, as in nats.js: a variable that is not set is often read as one.
  const isGiven = [user, token].some((text) => text !== undefined && text !== "");
  const basic = isGiven ? () => ({ user: user || undefined, pass, auth_token: token || undefined }) : undefined;
  const authenticator = own === undefined ? basic : all(own);
  const resolver = resolve === undefined ? dial.resolve : resolve || undefined;
  const given = {
    ...rest,
    servers: listOf(servers === undefined ? `nats://127.0.0.1:${port}` : servers),
    hasCredentials: authenticator !== undefined,
    canResolve: resolver !== undefined,
  };
  return {
    config: given as Omit<SessionConfig, "random">,
    authenticator,
    resolve: resolver,
    onStatus,
    debug: debug || undefined,
    clock: clock ?? realClock,
    asyncTraces,
    hooks,
  };
}

/**
 * Returns the servers as a list.
 *
 * @throws UsageError BAD_FIELD if one of them is neither a string nor a URL
 */
export function listOf(servers: ServerUrl | readonly ServerUrl[]): readonly string[] {
  const list: readonly ServerUrl[] = Array.isArray(servers) ? servers : [servers];
  return list.map((one) => {
    const text = typeof one === "string" ? one : one?.href;
    if (typeof text !== "string") throw badField("servers", "a URL or an array of URLs", one);
    return text;
  });
}

// The fields of `Credentials`.
const credentialNames = ["user", "pass", "auth_token", "jwt", "nkey", "sig", "user username", "pass password"];

/**
 * Returns one authenticator that merges the results of all.
 *
 * @throws UsageError BAD_FIELD if it is neither a function nor a list of functions
 */
function all(given: Authenticator | readonly Authenticator[]): Authenticator {
  const authenticators: readonly Authenticator[] = Array.isArray(given) ? given : [given];
  if (authenticators.some((one) => typeof one !== "function"))
    throw badField("authenticator", "a function or an array of functions", given);
  return async (nonce) => {
    const results = await Promise.all(authenticators.map((one) => one(nonce)));
    for (const result of results) {
      // A client without credentials may be accepted as another user.
      if (typeof result !== "object" || result === null)
        throw badField("the result of an authenticator", "an object", result);
      checkOptions(result, credentialNames, "an authenticator's result");
    }
    return Object.assign({}, ...results);
  };
}
