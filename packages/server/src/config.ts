// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/** Milliseconds on a monotonic clock of any origin. */
export type Millis = number;

/** A release of the reference server. */
export type Compat = "2.9" | "2.14";

/** What a server may be told; every limit has the reference server's default unless said otherwise. */
export interface ServerConfig {
  /** Fills bytes from a cryptographic source: ids, and the choice among queue members. */
  readonly random: (into: Uint8Array) => void;
  /** Which release of the reference server it answers like where they differ: the current one, or Debian's 2.9. */
  readonly compat: Compat;
  /** The address INFO names. */
  readonly host: string;
  /** The port INFO names. */
  readonly port: number;
  readonly serverName: string | undefined;
  /** A CONNECT is needed first, and somebody to `authorize` it. */
  readonly authRequired: boolean;
  /** Time for a client to be authorized; 2 seconds. */
  readonly authTimeout: Millis;
  /** Connections at once that are not authorized yet; 1,024 (the reference server has no limit). */
  readonly maxUnauthorized: number;
  /** Time between the server's PINGs to a silent client; 2 minutes. */
  readonly pingInterval: Millis;
  /** PINGs that may be unanswered before the connection is stale; 2. */
  readonly pingMax: number;
  /** Largest message, headers and payload together; 1 MiB. */
  readonly maxPayload: number;
  /**
   * Longest control line, counted from the verb; 4,104 is the reference server's 4,096 and `CONNECT `. At most 32,768:
   * a relayed line has a subject, a reply and a sid from two of them, and clients read 65,536.
   */
  readonly maxLine: number;
  /** Connections at once; 65,536. */
  readonly maxConnections: number;
  /** Subscriptions of one connection; 65,536 (the reference server has no limit). */
  readonly maxSubscriptions: number;
  /** Tokens of a subject; 256 (the reference server has no limit). */
  readonly maxTokens: number;
  /** Bytes of a subject; 1,024 (the reference server has no limit but the line's). */
  readonly maxSubject: number;
  /** Bytes that may wait for one slow client before it is cut off; 8 MiB (the reference server waits for 64). */
  readonly maxPending: number;
}

/**
 * Returns the configuration with a default for each option that is missing or `undefined`.
 *
 * @throws UsageError BAD_FIELD if an option has an invalid value
 */
export function resolveConfig(given: Partial<ServerConfig> & Pick<ServerConfig, "random">): ServerConfig {
  checkConfig(given);
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const config = { ...defaults, ...(defined as typeof given) };
  return { ...config, maxLine: Math.min(config.maxLine, MAX_LINE) };
}

// A client reads lines of 65,536 bytes. The server's longest line names a subject, a reply and a sid from two of these.
const MAX_LINE = 32_768;

/**
 * Checks options before a server listens. An option that is `undefined` has its default; unknown ones are ignored.
 *
 * @throws UsageError BAD_FIELD if an option has an invalid value
 */
export function checkConfig(given: Partial<ServerConfig>): void {
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    const value: unknown = given[name];
    if (value === undefined) continue;
    const expected = expectationOf(name);
    if (!expected.accepts(value)) {
      const formatted = typeof value === "object" ? "an object" : String(value);
      throw new UsageError("BAD_FIELD", `${name} must be ${expected.text}, not ${formatted}`);
    }
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
  const type = typeof (defaults[name] ?? "");
  if (type === "number") return { accepts: (value) => isCount(value, maximums[name]), text: "a whole number" };
  return { accepts: (value) => typeof value === type, text: `a ${type}` };
}

// The largest values that INFO can carry. Every other count may be infinite: no limit, or never.
const maximums: Readonly<Record<string, number>> = { port: 65_535, maxPayload: 999_999_999 };

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
  authTimeout: 2000,
  maxUnauthorized: 1024,
  pingInterval: 120_000,
  pingMax: 2,
  maxPayload: 1_048_576,
  maxLine: 4104,
  maxConnections: 65_536,
  maxSubscriptions: 65_536,
  maxTokens: 256,
  maxSubject: 1024,
  maxPending: 8_388_608,
};
