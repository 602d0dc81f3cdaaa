// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { isValidPermissions, type Permissions } from "./permissions.ts";

/** What a client gets whose credentials are good. */
export interface Grant {
  /** Without them it may do everything. */
  readonly permissions?: Permissions | undefined;
  /** Clients of one account do not hear those of another; the global one, `$G`, where left out. */
  readonly account?: string | undefined;
}

/**
 * For authorizers: checks what they are to grant, before anybody asks.
 *
 * @throws UsageError BAD_SUBJECT where a rule is no subject or pattern
 */
export function checkGrant({ permissions }: Grant): void {
  if (!isValidPermissions(permissions)) {
    throw new UsageError("BAD_SUBJECT", `${JSON.stringify(permissions)} has a rule that is no subject or pattern`);
  }
}

/** Why it is no grant, whatever an authorizer returned; `undefined` where it is one. */
export function denialReason(grant: Grant | undefined): string | undefined {
  if (typeof grant !== "object" || grant === null) return "wrong credentials";
  if (typeof (grant.account ?? "") !== "string") return "its account is no name";
  return isValidPermissions(grant.permissions) ? undefined : "its permissions have a rule that is no pattern";
}
