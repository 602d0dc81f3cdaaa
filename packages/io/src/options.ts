// SPDX-License-Identifier: Apache-2.0
import { formatValue, nearest, UsageError } from "@natswire/codec";
import { badField } from "./bad-field.ts";
import type { ServerUrl } from "./client/connection-options.ts";
import type { AbortSignalLike } from "./wait.ts";

/** What people write for options of several calls: after the name of ours, which comes first. */
const aliases: readonly string[] = [
  "authorize users authorizer authorization",
  "tls ca cert key",
  "maxWait timeout",
  "stall jitter",
  "queue group",
];

/**
 * Checks that options are an object, and that each of them is known. `undefined` means no options.
 *
 * Every publish and request passes here: without options it costs one comparison, with them one search per option.
 *
 * @param known the names; an entry with blanks is a name and what people write for it: `pass password`
 * @param call the name of the call, for the error; `connect` and `serve` are not named
 * @throws UsageError BAD_FIELD if an option is unknown (the error names the known one that is spelled most like it), or `signal`
 * is not an AbortSignal; BAD_NUMBER if `timeout` is not a number of 0 or more
 * @throws the reason of `signal` if it is aborted, except for a drain
 */
export function checkOptions(given: object | undefined, known: readonly string[], call?: string): void {
  if (given === undefined) return;
  if (typeof given !== "object" || given === null) throw notOptions(given, known, call);
  let hasOptions = false;
  for (const name in given) {
    hasOptions = true;
    if (!known.includes(name))
      throw Symbol.iterator in given ? notOptions(given, known, call) : unknownOption(name, known, call);
    if (name === "signal") checkSignal((given as { signal?: unknown }).signal, call);
    else if (name === "timeout") checkTimeout((given as { timeout?: unknown }).timeout);
  }
  // A search in every call would be slow (`client request, 500 at once 16 B`).
  if (!hasOptions && Symbol.iterator in given) throw notOptions(given, known, call);
}

function unknownOption(name: string, known: readonly string[], call: string | undefined): UsageError {
  const names = known.filter((one) => !one.includes(" ")).sort();
  const entries = [...known, ...aliases].map((entry) => entry.split(" "));
  const [alias] = entries.find(([own = "", ...others]) => names.includes(own) && others.includes(name)) ?? [];
  const meant = alias ?? nearest(name, names);
  const advice = meant === undefined ? `the options are ${names.join(", ")}` : `did you mean "${meant}"?`;
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

function checkSignal(given: unknown, call: string | undefined): void {
  if (given === undefined) return;
  const signal = given as AbortSignalLike | null;
  if (typeof signal?.addEventListener !== "function") throw badField("signal", "an AbortSignal", signal);
  // A drain ends what it drains in any case.
  if (signal.aborted && call !== "drain") throw signal.reason;
}

function checkTimeout(timeout: unknown): void {
  if (timeout !== undefined) checkTime("timeout", timeout);
}

/**
 * Checks that a value is a time in milliseconds, of 0 or more.
 *
 * @throws UsageError BAD_NUMBER
 */
export function checkTime(name: string, time: unknown): void {
  if (typeof time === "number" && time >= 0) return;
  throw new UsageError("BAD_NUMBER", `${name} must be a number of milliseconds, not ${formatValue(time)}`);
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
