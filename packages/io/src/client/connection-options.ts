// SPDX-License-Identifier: Apache-2.0
import { type Credentials, defaults, type SessionConfig } from "@natswire/session";
import { badField } from "../bad-field.ts";
import { type Clock, realClock } from "../clock.ts";
import { checkOptions } from "../options.ts";
import { host } from "../platform.ts";
import type { TranscriptEntry } from "../testing/frame-recorder.ts";
import type { Dial, Resolve } from "../transport/transport.ts";
import type { AbortSignalLike } from "../wait.ts";
import type { Status } from "./connection.ts";

/** Returns the credentials of a client. Called for each connection, with the nonce that the server sent, if any. */
export type Authenticator = (nonce: string | undefined) => Credentials | Promise<Credentials>;

/** A server URL as text, or a `URL`. */
export type ServerUrl = string | { readonly href: string };

/** Called with each frame that is sent or received, without credentials, and with the frame as a line of text. */
export type DebugHook = (entry: TranscriptEntry, line: string) => void;

/** Options of a connection; the names are those of nats.js if the meaning is the same. */
export interface ConnectionOptions
  extends Partial<Omit<SessionConfig, "random" | "servers" | "hasCredentials" | "canResolve">> {
  /** Server URLs, or lists with commas: `nats://`, `tls://`, `ws://`, `wss://` or `unix://`; `nats://127.0.0.1:4222` by default. */
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
   * Provides the credentials, in place of the three options above; the results of several are merged, later ones win. If one
   * throws, the attempt to connect fails.
   */
  readonly authenticator?: Authenticator | readonly Authenticator[] | undefined;
  /** Aborts the attempt to connect; without effect after that. */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * Resolves host names, or `false` to dial them by name. By default each runtime's resolver is used, and all addresses of a name
   * are tried; a browser resolves names itself.
   */
  readonly resolve?: Resolve | false | undefined;
  /** Called for everything that happens to the connection, from the first attempt on. */
  readonly onStatus?: ((status: Status) => void) | undefined;
  /** Called with every frame that is sent or received; `true` prints them with `console.error`. */
  readonly debug?: DebugHook | boolean | undefined;
  /** Errors of requests and flushes show where these were called, which costs time; false by default. */
  readonly asyncTraces?: boolean | undefined;
  /** The clock for every timeout; the machine's by default. */
  readonly clock?: Clock | undefined;
}

/** Every option of `connect`. */
const KNOWN = [
  ...Object.keys(defaults).filter((name) => !/^(has|can)[A-Z]/.test(name)),
  ...[
    "servers",
    "port",
    "user",
    "pass",
    "token",
    "authenticator",
    "signal",
    "resolve",
    "onStatus",
    "debug",
    "asyncTraces",
    "clock",
  ],
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
  readonly debug: DebugHook | undefined;
  readonly clock: Clock;
  readonly asyncTraces: boolean;
} {
  const { servers, port = 4222, user, pass, token, authenticator: own, resolve, debug, clock, ...more } = options;
  const { asyncTraces, onStatus, ...rest } = more;
  checkOptions(rest, KNOWN);
  const named = user !== undefined || token !== undefined;
  const basic = named ? () => ({ user, pass, auth_token: token }) : undefined;
  const authenticator = typeof own === "object" ? all(own) : (own ?? basic);
  if (typeof (authenticator ?? all) !== "function") throw badField("authenticator", "a function", own);
  const resolver = resolve === undefined ? dial.resolve : resolve || undefined;
  const given = { ...rest, servers: listOf(servers ?? `nats://127.0.0.1:${port}`) };
  return {
    config: { ...given, hasCredentials: authenticator !== undefined, canResolve: resolver !== undefined } as Omit<
      SessionConfig,
      "random"
    >,
    authenticator,
    resolve: resolver,
    onStatus,
    debug: typeof debug === "function" ? debug : debug === true ? print : undefined,
    clock: clock ?? realClock,
    asyncTraces: asyncTraces === true,
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

function all(authenticators: readonly Authenticator[]): Authenticator {
  return async (nonce) => Object.assign({}, ...(await Promise.all(authenticators.map((one) => one(nonce)))));
}

function print(_: TranscriptEntry, line: string): void {
  host.console.error(line);
}
