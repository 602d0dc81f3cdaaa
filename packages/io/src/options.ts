// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { badField } from "./bad-field.ts";
import type { ServerUrl } from "./client/connection-options.ts";

/** Maps options of other clients, and other words for ours, to the name of ours. */
const aliases: Readonly<Record<string, string>> = {
  server: "servers",
  url: "servers",
  host: "servers",
  username: "user",
  password: "pass",
  auth_token: "token",
  creds: "authenticator",
  userCreds: "authenticator",
  nkey: "authenticator",
  jwt: "authenticator",
  users: "authorize",
  authorizer: "authorize",
  authorization: "authorize",
  ca: "tls",
  cert: "tls",
  key: "tls",
  wsFactory: "factory",
  connectTimeout: "timeout",
  maxReconnects: "maxReconnectAttempts",
  reconnectDelayHandler: "reconnectDelay",
  reconnectJitter: "reconnectTimeWait",
  reconnectJitterTLS: "reconnectTimeWait",
  noAsyncTraces: "asyncTraces",
  timeout: "maxWait",
  jitter: "stall",
  group: "queue",
};

/**
 * Checks that options are an object, and that each of them is known. `undefined` means no options.
 *
 * Every publish and request passes here: without options it costs one comparison, with them one search per option.
 *
 * @param call the name of the call, for the error; `connect` and `serve` are not named
 * @throws UsageError BAD_FIELD if an option is unknown (the error names the known one that is spelled most like it), or `signal`
 * is not an AbortSignal; BAD_NUMBER if `timeout` is not a number of 0 or more
 */
export function checkOptions(given: object | undefined, known: readonly string[], call?: string): void {
  if (given === undefined) return;
  if (typeof given !== "object" || given === null) throw notOptions(given, known, call);
  let hasOptions = false;
  for (const name in given) {
    hasOptions = true;
    if (!known.includes(name))
      throw Symbol.iterator in given ? notOptions(given, known, call) : unknownOption(name, known, call);
    if (name === "signal") checkSignal((given as { signal?: unknown }).signal);
    else if (name === "timeout") checkTimeout((given as { timeout?: unknown }).timeout);
  }
  // A search in every call would be slow (`client request, 500 at once 16 B`).
  if (!hasOptions && Symbol.iterator in given) throw notOptions(given, known, call);
}

function unknownOption(name: string, known: readonly string[], call: string | undefined): UsageError {
  const meant = nearest(name, known);
  const all = `the options are ${[...known].sort().join(", ")}`;
  const advice = meant === undefined ? all : `did you mean "${meant}"?`;
  return new UsageError("BAD_FIELD", `unknown option "${name}"${ofCall(call)}; ${advice}`);
}

/** Returns the error for options that are not a plain object. It shows what to write in place of `request("a", "b", 200)`. */
function notOptions(given: unknown, known: readonly string[], call: string | undefined): UsageError {
  const isObject = typeof given === "object" && given !== null;
  const { message } = badField(`the options${ofCall(call)}`, isObject ? "a plain object" : "an object", given);
  const isTime = typeof given === "number" && known.includes("timeout");
  const hint = isTime
    ? `; write { timeout: ${given} }`
    : isObject && known.includes("headers")
      ? "; write { headers }"
      : "";
  return new UsageError("BAD_FIELD", message + hint);
}

function ofCall(call: string | undefined): string {
  return call === undefined ? "" : ` of ${call}`;
}

/**
 * Checks that a value is a function, if it is given.
 *
 * @throws UsageError BAD_FIELD
 */
export function checkFunction(name: string, given: unknown): void {
  if (given !== undefined && typeof given !== "function") throw badField(name, "a function", given);
}

function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (typeof (signal as { addEventListener?: unknown } | null)?.addEventListener !== "function")
    throw badField("signal", "an AbortSignal", signal);
}

function checkTimeout(timeout: unknown): void {
  if (timeout === undefined || (typeof timeout === "number" && timeout >= 0)) return;
  const given = typeof timeout === "string" ? JSON.stringify(timeout) : String(timeout);
  throw new UsageError("BAD_NUMBER", `timeout must be a number of milliseconds, not ${given}`);
}

/**
 * Checks that a function got no more arguments than it takes.
 *
 * @throws UsageError BAD_FIELD if it did; the error shows how to call it
 */
export function checkNoMore(more: readonly unknown[], usage: string): void {
  if (more.length > 0) throw new UsageError("BAD_FIELD", `too many arguments; write ${usage}`);
}

/**
 * Returns the options of `connect`, which also takes the URL of a server.
 *
 * @throws UsageError BAD_FIELD if it is neither
 */
export function optionsOf<Options extends object>(given: Options | ServerUrl): Options {
  if (Array.isArray(given)) throw new UsageError("BAD_FIELD", "several servers are an option; write { servers: […] }");
  // A URL is an object, too.
  if (typeof given === "string" || (given !== null && "href" in Object(given)))
    return { servers: given } as object as Options;
  if (typeof given !== "object" || given === null) throw badField("the options", "an object or a URL", given);
  return given as Options;
}

/** Returns the known name that is spelled most like it, in any case; `undefined` if none is close. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  if (alias !== undefined && known.includes(alias)) return alias;
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least && distance <= Math.max(2, candidate.length / 3) && distance < name.length)
      [found, least] = [candidate, distance];
  }
  return found;
}

/** Returns how many letters must be added, removed or changed to make one word of the other. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
