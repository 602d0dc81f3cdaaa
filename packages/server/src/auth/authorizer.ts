// SPDX-License-Identifier: Apache-2.0
import type { ConnectInfo } from "@natswire/codec";
import { checkGrant, type Grant } from "./grant.ts";

/**
 * Looks at what a CONNECT says: a grant, or `undefined` for "Authorization Violation". One that throws denies.
 *
 * @param nonce what INFO asked to be signed
 */
export type Authorizer = (options: ConnectInfo, nonce: string) => Grant | undefined | Promise<Grant | undefined>;

/** A user as `users` knows it. */
export interface User extends Grant {
  readonly user: string;
  readonly password: string;
}

/**
 * Lets in who knows the token.
 *
 * @throws UsageError BAD_SUBJECT where a rule is no subject or pattern
 */
export function tokenAuthorizer(secret: string, grant: Grant = {}): Authorizer {
  checkGrant(grant);
  return ({ auth_token }) => (isEqual(auth_token, secret) ? grant : undefined);
}

/**
 * Lets in users by name and password; of two with one name the first counts.
 *
 * @throws UsageError BAD_SUBJECT where a rule is no subject or pattern
 */
export function userAuthorizer(users: readonly User[]): Authorizer {
  for (const one of users) checkGrant(one);
  const byName = new Map([...users].reverse().map((one) => [one.user, one]));
  return ({ user, pass }) => {
    const found = typeof user === "string" ? byName.get(user) : undefined;
    // An unknown name takes as long as a wrong password.
    const known = typeof found?.password === "string" ? found : undefined;
    return isEqual(pass, known?.password ?? "\0") ? known : undefined;
  };
}

/** Lets in whom one of these lets in, asked in order; nobody where one that is asked throws. */
export function anyAuthorizer(...authorizers: readonly Authorizer[]): Authorizer {
  return async (options, nonce) => {
    for (const authorize of authorizers) {
      const grant = await authorize(options, nonce);
      if (grant) return grant;
    }
    return undefined;
  };
}

/** Compares in a time that depends on the length of what was given alone. */
function isEqual(given: string | undefined, secret: string): boolean {
  if (typeof given !== "string") return false;
  let different = given.length ^ secret.length;
  for (let i = 0; i < given.length; i++) different |= given.charCodeAt(i) ^ secret.charCodeAt(i % (secret.length || 1));
  return different === 0;
}
