// SPDX-License-Identifier: Apache-2.0
import { typeName, UsageError } from "@natswire/codec";
import { unknownError, wrongError } from "./field-errors.ts";
import { type Permissions, permissionsError } from "./permissions.ts";

/** What a client is granted with its credentials. */
export interface Grant {
  /** What it may publish and subscribe to; everything by default. */
  readonly permissions?: Permissions | undefined;
  /** Its account, `$G` by default. Messages stay within their account. */
  readonly account?: string | undefined;
  /** The name of its user, for `$SYS.REQ.USER.INFO` and the log; by default the name or nkey in CONNECT. */
  readonly user?: string | undefined;
  /** Milliseconds after which the connection is closed with `User Authentication Expired`; never by default. */
  readonly expires?: number | undefined;
}

const GRANT_FIELDS: readonly string[] = ["permissions", "account", "user", "expires"];

/**
 * Checks a grant when an authorizer is created, before a client needs it.
 *
 * @param fields the fields that it may have
 * @throws UsageError BAD_FIELD if it has another field, or `account`, `user` or `expires` is of the wrong kind
 * @throws UsageError BAD_SUBJECT if `permissions` is not valid: see `permissionsError`
 */
export function checkGrant(grant: Grant, fields: readonly string[] = GRANT_FIELDS): void {
  if (typeof grant !== "object" || grant === null)
    throw new UsageError("BAD_FIELD", `a grant must be an object, not ${typeName(grant)}`);
  const fieldError = fieldsError(grant, fields);
  if (fieldError !== undefined) throw new UsageError("BAD_FIELD", fieldError);
  const error = permissionsError(grant.permissions);
  if (error !== undefined) throw new UsageError("BAD_SUBJECT", error);
}

/**
 * Checks the users of an authorizer.
 *
 * @param fields the fields of a user that must be strings
 * @throws UsageError BAD_FIELD if the list is empty, or one of these fields is not a string; BAD_FIELD and BAD_SUBJECT as
 * `checkGrant` does
 */
export function checkUsers<User extends Grant>(users: readonly User[], fields: readonly (keyof User & string)[]): void {
  if (!Array.isArray(users))
    throw new UsageError("BAD_FIELD", `the users must be an array of { ${fields.join(", ")} }, not ${typeName(users)}`);
  checkSome("the list of users", users);
  for (const user of users as readonly User[]) {
    checkGrant(user, [...new Set([...fields, ...GRANT_FIELDS])]);
    for (const field of fields) checkSecret(field, user[field]);
  }
}

/**
 * Checks that a list of users or authorizers is not empty.
 *
 * @throws UsageError BAD_FIELD if it is
 */
export function checkSome(name: string, list: readonly unknown[]): void {
  if (list.length > 0) return;
  throw new UsageError(
    "BAD_FIELD",
    `${name} is empty, which denies every client; omit authorize to accept every client`,
  );
}

/**
 * Checks that a secret is a string.
 *
 * @throws UsageError BAD_FIELD if it is not; the error does not show the value
 */
export function checkSecret(name: string, secret: unknown): void {
  if (typeof secret !== "string")
    throw new UsageError("BAD_FIELD", `${name} must be a string, not ${typeName(secret)}`);
}

function fieldsError(grant: Grant, fields: readonly string[]): string | undefined {
  const unknown = unknownError(grant, fields);
  if (unknown !== undefined) return unknown;
  const { expires = 0 } = grant;
  if (typeof expires !== "number" || !(expires >= 0)) return wrongError("expires", "a number of milliseconds", expires);
  const name = (["account", "user"] as const).find(
    (field) => grant[field] !== undefined && typeof grant[field] !== "string",
  );
  return name && wrongError(name, "a string", grant[name]);
}

/** Returns why what an authorizer returned denies the client, or `undefined` if it is a valid grant. */
export function denialReason(grant: Grant | undefined): string | undefined {
  if (typeof grant !== "object" || grant === null) return "wrong credentials";
  const error = fieldsError(grant, GRANT_FIELDS) ?? permissionsError(grant.permissions);
  return error === undefined ? undefined : `invalid grant: ${error}`;
}
