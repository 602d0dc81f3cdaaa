// SPDX-License-Identifier: Apache-2.0
import { formatValue, typeName, UsageError } from "../errors.ts";
import { isWellFormed } from "../text.ts";

/** The largest sequence and count. */
export const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;
/** The largest number of nanoseconds, about 292 years, and of other signed counts. */
export const MAX_INT64 = 0x7fff_ffff_ffff_ffffn;

/** The largest number that is exact, 2^53 - 1. It is a literal, because bundlers keep any other form. */
export const MAX_EXACT = 9_007_199_254_740_991;

/**
 * What a field holds: a boolean, a name, a text, or an integer from 0 to a limit. The integer is a bigint if its limit is one,
 * otherwise a number.
 */
export type Kind = "flag" | "name" | "text" | bigint | number;

/** Returns whether a value can be the name of a stream, consumer or domain: one token, as nats-server checks it. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && /^[^\0- \x7f.*>]+$/.test(value) && isWellFormed(value);
}

/** Reads an unsigned integer of at most 20 digits, as a server writes it. Returns `undefined` for anything else. */
export function readInteger(text: string | undefined, max: bigint = MAX_UINT64): bigint | undefined {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value <= max ? value : undefined;
}

/**
 * Returns a value to be written.
 *
 * @param what the name of the field, for the error
 * @param min the smallest integer
 * @throws UsageError BAD_SUBJECT for a name that is not one token, BAD_NUMBER for an integer of another type or out of range,
 * BAD_FIELD for another type, or a text with a lone surrogate
 */
export function checkValue<T>(what: string, value: T, kind: Kind, min = 0): T {
  const [isValid, code, expected] = rule(value, kind, min);
  if (isValid) return value;
  const given = typeof value === "bigint" ? `${value}n` : formatValue(value);
  throw new UsageError(code, `${what} must be ${expected}, not ${given}`);
}

function rule(value: unknown, kind: Kind, min: number): [boolean, "BAD_SUBJECT" | "BAD_NUMBER" | "BAD_FIELD", string] {
  if (kind === "flag") return [typeof value === "boolean", "BAD_FIELD", "a boolean"];
  if (kind === "text") return [typeof value === "string" && isWellFormed(value), "BAD_FIELD", "a text"];
  if (kind === "name")
    return [isName(value), "BAD_SUBJECT", 'one token, without blanks, control characters, "*" and ">"'];
  const isInteger = typeof value === typeof kind && (typeof value === "bigint" || Number.isInteger(value));
  const type = typeof kind === "bigint" ? "bigint" : "whole number";
  const inRange = isInteger && (value as bigint) >= min && (value as bigint) <= kind;
  return [inRange, "BAD_NUMBER", `a ${type} from ${min} to ${kind}`];
}

/**
 * Checks that the argument of a function is an object, and that each of its fields is known.
 *
 * @throws UsageError BAD_FIELD
 */
export function checkFields(call: string, given: object, known: readonly string[]): void {
  if (typeof given !== "object" || given === null) {
    throw new UsageError("BAD_FIELD", `${call} needs an object, not ${typeName(given)}`);
  }
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw new UsageError("BAD_FIELD", `unknown field "${name}" of ${call}; the fields are ${known.join(", ")}`);
    }
  }
}
