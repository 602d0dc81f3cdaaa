// SPDX-License-Identifier: Apache-2.0
import { formatValue, nearest } from "@natswire/codec";

/** The fields of `SubjectPermission`. */
export const RULE_FIELDS: readonly string[] = ["allow", "deny"];

/** The fields of `Permissions`. */
export const PERMISSION_FIELDS: readonly string[] = ["publish", "subscribe", "allowResponses"];

// Where a field belongs that is written in another place.
const places: readonly (readonly [fields: readonly string[], place: string])[] = [
  [PERMISSION_FIELDS, "permissions"],
  [RULE_FIELDS, "permissions.publish or permissions.subscribe"],
];

/**
 * Returns the error for an unknown field, or `undefined` if all are known. Such a field would permit what its author wants to
 * deny.
 *
 * @param path where the fields are, for the error
 */
export function unknownError(given: object, known: readonly string[], path?: string): string | undefined {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  const meant = nearest(unknown, known);
  const [, place] = places.find(([fields]) => nearest(unknown, fields) !== undefined) ?? [];
  const advice =
    meant !== undefined
      ? `did you mean "${meant}"?`
      : place === undefined
        ? `the fields are ${known.join(", ")}`
        : `it belongs in ${place}`;
  return `unknown field "${unknown}"${path === undefined ? "" : ` in ${path}`}; ${advice}`;
}

/** Returns the error for a field with a wrong value. */
export function wrongError(path: string, wanted: string, value: unknown): string {
  return `${path} must be ${wanted}, not ${formatValue(value)}`;
}
