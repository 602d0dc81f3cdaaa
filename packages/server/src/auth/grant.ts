// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { formatValue } from "../format-value.ts";
import { type Permissions, permissionsError } from "./permissions.ts";

/** What a client is granted with its credentials. */
export interface Grant {
  /** What it may publish and subscribe to; everything by default. */
  readonly permissions?: Permissions | undefined;
  /** Its account, `$G` by default. Messages stay within their account. */
  readonly account?: string | undefined;
}

/**
 * Checks a grant when an authorizer is created, before a client needs it.
 *
 * @throws UsageError BAD_SUBJECT if a rule is not a valid subject or pattern
 */
export function checkGrant({ permissions }: Grant): void {
  const error = permissionsError(permissions);
  if (error !== undefined) throw new UsageError("BAD_SUBJECT", error);
}

/** Returns why what an authorizer returned denies the client, or `undefined` if it is a valid grant. */
export function denialReason(grant: Grant | undefined): string | undefined {
  if (typeof grant !== "object" || grant === null) return "wrong credentials";
  const { account = "", permissions } = grant;
  if (typeof account !== "string") return `invalid grant: account must be a string, not ${formatValue(account)}`;
  const error = permissionsError(permissions);
  return error === undefined ? undefined : `invalid grant: ${error}`;
}
