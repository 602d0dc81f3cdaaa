// SPDX-License-Identifier: Apache-2.0
import { type Credentials, defaults, type SessionConfig } from "@natswire/session";
import { badField } from "../bad-field.ts";
import { type Clock, realClock } from "../clock.ts";
import { checkOptions } from "../options.ts";
import { host } from "../platform.ts";
import type { TranscriptEntry } from "../testing/frame-recorder.ts";
import type { AbortSignalLike } from "../wait.ts";

/** What a client says of who it is, when a server asks; asked anew for each connection. */
export type Authenticator = (nonce: string | undefined) => Credentials | Promise<Credentials>;

/** What is told of a connection's frames: each as it was said, with nothing secret in it, and as a line of text. */
export type DebugHook = (entry: TranscriptEntry, line: string) => void;

/** How to connect; names as NATS JavaScript users know them wherever the meaning is the same. */
export interface ConnectionOptions extends Partial<Omit<SessionConfig, "random" | "servers" | "hasCredentials">> {
  /** `nats://host:port` and the like; this machine where left out. */
  readonly servers?: string | readonly string[] | undefined;
  /** Of this machine, where there are no `servers`; 4222. */
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly pass?: string | undefined;
  readonly token?: string | undefined;
  /**
   * In place of the three above; what several say is put together, and the later one's word counts. One that throws
   * costs the attempt.
   */
  readonly authenticator?: Authenticator | readonly Authenticator[] | undefined;
  /** Ends the attempt to connect; afterwards it means nothing any more. */
  readonly signal?: AbortSignalLike | undefined;
  /** Is told of every frame that comes and goes; `true` prints them as errors are printed. */
  readonly debug?: DebugHook | boolean | undefined;
  /** Errors of requests and flushes say where in the program these were called, which costs time. */
  readonly asyncTraces?: boolean | undefined;
  /** The machine's where left out. */
  readonly clock?: Clock | undefined;
}

/** Every option of `connect`. */
const KNOWN = [
  ...Object.keys(defaults).filter((name) => name !== "hasCredentials"),
  ...["servers", "port", "user", "pass", "token", "authenticator", "signal", "debug", "asyncTraces", "clock"],
];

/**
 * The options as a session takes them, and what its runtime makes of the rest.
 *
 * @throws UsageError BAD_FIELD where one is not known, or is of another kind
 */
export function resolveOptions(options: Omit<ConnectionOptions, "signal">): {
  readonly config: Omit<SessionConfig, "random">;
  readonly authenticator: Authenticator | undefined;
  readonly debug: DebugHook | undefined;
  readonly clock: Clock;
  readonly asyncTraces: boolean;
} {
  const { servers, port = 4222, user, pass, token, authenticator: own, debug, clock, asyncTraces, ...rest } = options;
  checkOptions(rest, KNOWN);
  const named = user !== undefined || token !== undefined;
  const said = named ? () => ({ user, pass, auth_token: token }) : undefined;
  const authenticator = typeof own === "object" ? all(own) : (own ?? said);
  if (typeof (authenticator ?? all) !== "function") throw badField("authenticator", "a function", own);
  const given = { ...rest, servers: listOf(servers ?? `nats://127.0.0.1:${port}`) };
  return {
    config: { ...given, hasCredentials: authenticator !== undefined } as Omit<SessionConfig, "random">,
    authenticator,
    debug: typeof debug === "function" ? debug : debug === true ? print : undefined,
    clock: clock ?? realClock,
    asyncTraces: asyncTraces === true,
  };
}

/**
 * One server, or several.
 *
 * @throws UsageError BAD_FIELD where it is neither
 */
export function listOf(servers: string | readonly string[]): readonly string[] {
  if (typeof servers === "string") return [servers];
  if (!Array.isArray(servers)) throw badField("servers", "a URL or several", servers);
  return servers;
}

function all(authenticators: readonly Authenticator[]): Authenticator {
  return async (nonce) => Object.assign({}, ...(await Promise.all(authenticators.map((one) => one(nonce)))));
}

function print(_: TranscriptEntry, line: string): void {
  host.console.error(line);
}
