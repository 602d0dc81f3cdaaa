// SPDX-License-Identifier: Apache-2.0
import { formatValue, typeName, UsageError } from "@natswire/codec";

/** Returns the error for a field of the wrong kind. It names the kind of the value only: the value may be a secret. */
export function badField(field: string, wanted: string, given: unknown): UsageError {
  return new UsageError("BAD_FIELD", `${field} must be ${wanted}, not ${typeName(given)}`);
}

/** Returns the error for a field with a wrong value that is never a secret. It shows the value, shortened. */
export function badValue(field: string, wanted: string, given: unknown): UsageError {
  return new UsageError("BAD_FIELD", `${field} must be ${wanted}, not ${formatValue(given)}`);
}
