// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/** Returns the error for an option with a wrong value. */
export function wrongValue(
  name: string,
  wanted: string,
  value: unknown,
  code: "BAD_FIELD" | "BAD_NUMBER" | "BAD_SUBJECT" = "BAD_FIELD",
): UsageError {
  return new UsageError(code, `${name} must be ${wanted}, not ${formatValue(value)}`);
}

/**
 * Checks options that are numbers. A numeric string is rejected too: `+` would append to it.
 *
 * @throws UsageError BAD_NUMBER if an option is given and is not a number above 0
 */
export function checkNumbers(options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (typeof value === "number" && value > 0)) continue;
    throw wrongValue(name, "a number above 0", value, "BAD_NUMBER");
  }
}

/**
 * Checks an option that is one of several words.
 *
 * @param choices the words as the error lists them: `this, that or another`
 * @throws UsageError BAD_FIELD if the option is given and is not one of them
 */
export function checkChoice(name: string, value: unknown, choices: string): void {
  if (value !== undefined && !choices.split(/, | or /).includes(value as string))
    throw wrongValue(name, choices, value);
}

/**
 * Checks the kind of an option.
 *
 * @throws UsageError BAD_FIELD if its value is of another kind
 */
export function checkKind(name: string, value: unknown, kind: "string" | "boolean" | "function"): void {
  if (typeof value !== kind) throw wrongValue(name, kind === "boolean" ? "true or false" : `a ${kind}`, value);
}

/** Formats a value for an error: text in quotes, so that `"5"` and `5` look different. */
function formatValue(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
