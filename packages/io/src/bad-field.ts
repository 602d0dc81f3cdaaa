// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/** Returns the error for a field of the wrong kind. It names the kind of the value only: the value may be a secret. */
export function badField(field: string, wanted: string, given: unknown): UsageError {
  return new UsageError("BAD_FIELD", `${field} must be ${wanted}, not ${kindOf(given)}`);
}

/** Returns the kind of a value with its article: "a number", "an array", "a Promise", "null". */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  if (value instanceof Promise) return "a Promise";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
