// SPDX-License-Identifier: Apache-2.0
import { type ConnectInfo, UsageError } from "@natswire/codec";
import { checkGrant, checkSecret, checkUsers, type Grant, kindOf } from "./grant.ts";

/** Where a client connects from. */
export interface ClientOrigin {
  /** Its IP address; `undefined` if the transport has none, as a pipe. */
  readonly address: string | undefined;
  /** The bytes (DER) of its certificate, if TLS asked for one and verified it: `new X509Certificate(bytes)` of Node reads it. */
  readonly certificate: Uint8Array | undefined;
  /** The `url` of the listener that it connected to. */
  readonly listener: string;
}

/**
 * Decides whether a client may connect: returns its grant, or `undefined` to answer "Authorization Violation". An
 * authorizer that throws, rejects or returns an invalid grant denies the client.
 *
 * @param options what the client sent in CONNECT, credentials included
 * @param nonce what INFO asked the client to sign, for `options.sig`
 * @param origin where the client connects from
 */
export type Authorizer = (
  options: ConnectInfo,
  nonce: string,
  origin: ClientOrigin,
) => Grant | undefined | Promise<Grant | undefined>;

/** A user of `userAuthorizer`, and what that user is granted. */
export interface User extends Grant {
  readonly user: string;
  readonly password: string;
}

/**
 * Accepts the clients that send a token in CONNECT's `auth_token`.
 *
 * @param secret the token; compared in a time that does not depend on it
 * @param grant what these clients are granted; everything by default
 * @throws UsageError BAD_FIELD if the token is not a string, or a field of the grant is unknown or of the wrong kind
 * @throws UsageError BAD_SUBJECT if a permission is not a valid subject or pattern
 *
 * @example
 * ```js
 * import { tokenAuthorizer } from "@natswire/server";
 *
 * const authorize = tokenAuthorizer("s3cret", { permissions: { publish: { allow: ["orders.>"] } } });
 * console.log((await authorize({ auth_token: "s3cret" }, ""))?.permissions?.publish?.allow?.join()); // orders.>
 * console.log(await authorize({ auth_token: "guess" }, "")); // undefined
 * ```
 */
export function tokenAuthorizer(secret: string, grant: Grant = {}): Authorizer {
  checkSecret("the token", secret);
  checkGrant(grant);
  return ({ auth_token }) => (isEqual(auth_token, secret) ? grant : undefined);
}

/**
 * Accepts the users you list, by CONNECT's `user` and `pass`. If two have the same name, the first one counts.
 *
 * @throws UsageError BAD_FIELD if a field of a user is missing, unknown or of the wrong kind
 * @throws UsageError BAD_SUBJECT if a permission is not a valid subject or pattern
 *
 * @example
 * ```js
 * import { userAuthorizer } from "@natswire/server";
 *
 * const authorize = userAuthorizer([{ user: "ann", password: "pw", account: "A" }]);
 * console.log((await authorize({ user: "ann", pass: "pw" }, ""))?.account); // A
 * console.log(await authorize({ user: "ann", pass: "guess" }, "")); // undefined
 * ```
 */
export function userAuthorizer(users: readonly User[]): Authorizer {
  checkUsers(users, ["user", "password"]);
  const byName = new Map([...users].reverse().map((user) => [user.user, user]));
  return ({ user, pass }) => {
    const named = typeof user === "string" ? byName.get(user) : undefined;
    // An unknown name takes as long as a wrong password.
    return isEqual(pass, named?.password ?? "\0") ? named : undefined;
  };
}

/**
 * Accepts the clients that one of these authorizers accepts. Calls them in order, and denies the client if one throws.
 *
 * @throws UsageError BAD_FIELD if one of them is not a function
 *
 * @example
 * ```js
 * import { anyAuthorizer, tokenAuthorizer, userAuthorizer } from "@natswire/server";
 *
 * const authorize = anyAuthorizer(tokenAuthorizer("s3cret"), userAuthorizer([{ user: "ann", password: "pw" }]));
 * console.log((await authorize({ user: "ann", pass: "pw" }, "")) !== undefined); // true
 * console.log(await authorize({}, "")); // undefined
 * ```
 */
export function anyAuthorizer(...authorizers: readonly Authorizer[]): Authorizer {
  for (const authorize of authorizers) {
    if (typeof authorize !== "function")
      throw new UsageError("BAD_FIELD", `an authorizer must be a function, not ${kindOf(authorize)}`);
  }
  return async (...client) => {
    for (const authorize of authorizers) {
      const grant = await authorize(...client);
      if (grant) return grant;
    }
    return undefined;
  };
}

/** Compares in a time that depends on the length of the guess only. */
function isEqual(guess: string | undefined, secret: string): boolean {
  if (typeof guess !== "string") return false;
  let different = guess.length ^ secret.length;
  for (let i = 0; i < guess.length; i++) different |= guess.charCodeAt(i) ^ secret.charCodeAt(i % (secret.length || 1));
  return different === 0;
}
