// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/**
 * Text that reads as a number is none: what is added to it goes wrong much later.
 *
 * @throws UsageError BAD_NUMBER where one is given and no number above 0
 */
export function checkNumbers(options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (typeof value === "number" && value > 0)) continue;
    throw new UsageError("BAD_NUMBER", `${name} must be a number above 0, not "${value}"`);
  }
}

/**
 * @param words as they are told: `this, that or another`
 * @throws UsageError BAD_FIELD where it is given and none of these words
 */
export function checkChoice(name: string, value: unknown, words: string): void {
  if (value === undefined || words.split(/, | or /).includes(value as string)) return;
  throw new UsageError("BAD_FIELD", `${name} must be ${words}, not "${value}"`);
}
