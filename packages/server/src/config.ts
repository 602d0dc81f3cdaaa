// SPDX-License-Identifier: Apache-2.0
import { formatValue, type Options, UsageError } from "@natswire/codec";
import type { ServerModule } from "./server-module.ts";

/** Milliseconds on a monotonic clock of any origin. */
export type Millis = number;

/** A release of nats-server. */
export type Compat = "2.9" | "2.14";

/** The options of a server. Their defaults are nats-server's, unless said otherwise. */
export interface ServerConfig {
  /** Fills an array with cryptographically secure random bytes, for ids, nonces and the choice of queue members. */
  readonly random: (into: Uint8Array<ArrayBuffer>) => void;
  /** The nats-server release to behave like: the current one (default), or 2.9, which Debian has. */
  readonly compat: Compat;
  /** The host in INFO; `127.0.0.1` by default. */
  readonly host: string;
  /** The port in INFO; 4222 by default. */
  readonly port: number;
  /** The server's name in INFO; by default its random id. */
  readonly serverName: string | undefined;
  /** Whether a client must be authorized: its first frame must be CONNECT. False by default. */
  readonly authRequired: boolean;
  /** Whether clients without credentials may be authorized, too: INFO then does not require any. False by default. */
  readonly authOptional: boolean;
  /** Milliseconds within which a client must be authorized, after its TLS handshake; 2,000 by default. */
  readonly authTimeout: Millis;
  /** How many connections may be unauthorized at once; no limit by default. */
  readonly maxUnauthorized: number;
  /** Milliseconds between PINGs to a silent client; 120,000 by default. */
  readonly pingInterval: Millis;
  /** How many PINGs may be unanswered before the connection is stale; 2 by default. */
  readonly pingMax: number;
  /** Bytes of the largest message, headers included; 1 MiB by default. */
  readonly maxPayload: number;
  /**
   * Bytes of the longest control line, verb included; 4,104 by default (nats-server's 4,096, and `CONNECT `). At most
   * 32,768: a relayed line takes its parts from two such lines, and clients read up to 65,536 bytes.
   */
  readonly maxLine: number;
  /** How many connections may be open at once; 65,536 by default. */
  readonly maxConnections: number;
  /** How many subscriptions one connection may have; no limit by default. */
  readonly maxSubscriptions: number;
  /** How many tokens a subject may have; no limit by default but that of the line. */
  readonly maxTokens: number;
  /** Bytes of the longest subject; no limit by default but that of the line. */
  readonly maxSubject: number;
  /**
   * Bytes that may be pending for a client before it is closed as a slow consumer; 64 MiB by default. They are counted after
   * the runtime has got them; those that it has not pulled yet have the same limit of their own.
   */
  readonly maxPending: number;
  /** What lives inside the server, such as JetStream; nothing by default. */
  readonly modules: readonly ServerModule[];
}

/**
 * Returns the configuration with a default for each option that is missing or `undefined`.
 *
 * @throws UsageError BAD_FIELD if an option has an invalid value
 */
export function resolveConfig(given: Options<ServerConfig> & Pick<ServerConfig, "random">): ServerConfig {
  checkConfig(given);
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const config = { ...defaults, ...(defined as Partial<ServerConfig> & Pick<ServerConfig, "random">) };
  return { ...config, maxLine: Math.min(config.maxLine, MAX_LINE) };
}

// A client reads lines of 65,536 bytes. The server's longest line names a subject, a reply and a sid from two of these.
const MAX_LINE = 32_768;

/**
 * Checks options before a server listens. An option that is `undefined` has its default; unknown ones are ignored.
 *
 * @throws UsageError BAD_FIELD if an option has an invalid value
 */
export function checkConfig(given: Options<ServerConfig>): void {
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    const value: unknown = given[name];
    if (value === undefined) continue;
    const { accepts, text } = expectationOf(name);
    if (!accepts(value)) throw new UsageError("BAD_FIELD", `${name} must be ${text}, not ${formatValue(value)}`);
  }
}

/** What the value of an option must be, as a test and in words. */
interface Expectation {
  readonly accepts: (value: unknown) => boolean;
  readonly text: string;
}

function expectationOf(name: keyof typeof defaults): Expectation {
  if (name === "compat") {
    return { accepts: (value) => value === "2.9" || value === "2.14", text: '"2.9" or "2.14"' };
  }
  if (name === "modules") return { accepts: isModules, text: "an array of modules, as ServerModule describes them" };
  const type = typeof (defaults[name] ?? "");
  if (type !== "number") return { accepts: (value) => typeof value === type, text: `a ${type}` };
  const limit = maximums[name];
  const text = limit === undefined ? "a whole number or Infinity" : `a whole number of at most ${limit}`;
  return { accepts: (value) => isCount(value, limit), text };
}

// The largest values that INFO can carry. Every other count may be infinite: no limit, or never.
const maximums: Readonly<Record<string, number>> = { port: 65_535, maxPayload: 999_999_999 };

function isModules(value: unknown): boolean {
  return Array.isArray(value) && value.every((one: Partial<ServerModule> | null) => typeof one?.poll === "function");
}

function isCount(value: unknown, limit = Number.POSITIVE_INFINITY): boolean {
  return typeof value === "number" && value >= 0 && value <= limit && (Number.isInteger(value) || value === limit);
}

/** The defaults of `ServerConfig`; only `random` has none. */
export const defaults: Omit<ServerConfig, "random"> = {
  compat: "2.14",
  host: "127.0.0.1",
  port: 4222,
  serverName: undefined,
  authRequired: false,
  authOptional: false,
  authTimeout: 2000,
  maxUnauthorized: Number.POSITIVE_INFINITY,
  pingInterval: 120_000,
  pingMax: 2,
  maxPayload: 1_048_576,
  maxLine: 4104,
  maxConnections: 65_536,
  maxSubscriptions: Number.POSITIVE_INFINITY,
  maxTokens: Number.POSITIVE_INFINITY,
  maxSubject: Number.POSITIVE_INFINITY,
  maxPending: 67_108_864,
  modules: [],
};
