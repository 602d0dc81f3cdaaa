// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/** Says which field is to be what; what it is instead is named by its kind alone, as it may be secret. */
export function badField(field: string, wanted: string, given: unknown): UsageError {
  return new UsageError("BAD_FIELD", `${field} must be ${wanted}, not ${given === null ? "null" : typeof given}`);
}
