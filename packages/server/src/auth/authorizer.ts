// SPDX-License-Identifier: Apache-2.0
import { type ConnectInfo, formatValue, typeName, UsageError } from "@natswire/codec";
import { checkGrant, checkSecret, checkSome, checkUsers, type Grant } from "./grant.ts";

/** Where a client connects from. */
export interface ClientOrigin {
  /** Its IP address; `undefined` if the transport has none, as a pipe. */
  readonly address?: string | undefined;
  /** Its port; `undefined` if the transport has none. */
  readonly port?: number | undefined;
  /** The bytes (DER) of its certificate, if TLS asked for one and verified it: `new X509Certificate(bytes)` of Node reads it. */
  readonly certificate?: Uint8Array | undefined;
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
export interface Authorizer {
  (options: ConnectInfo, nonce: string, origin: ClientOrigin): Grant | undefined | Promise<Grant | undefined>;
  /** Whether clients without credentials may be accepted, too: INFO then does not require any. False by default. */
  readonly isOptional?: boolean | undefined;
}

/** A user of `userAuthorizer`, and what that user is granted. */
export interface User extends Grant {
  readonly user: string;
  /** The password, or with `userAuthorizer` of a runtime's package its bcrypt hash, `$2a$…`. */
  readonly password: string;
}

/** Options of `userAuthorizer`. */
export interface UserOptions {
  /** The name of the user that clients without any credentials are (nats-server: `no_auth_user`); they are denied by default. */
  readonly noAuthUser?: string | undefined;
  /** Returns whether a password has this bcrypt hash. */
  readonly compareHash?: ((password: string, hash: string) => Promise<boolean>) | undefined;
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
 * const origin = { listener: "nats://127.0.0.1:4222" };
 * const authorize = tokenAuthorizer("s3cret", { permissions: { publish: { allow: ["orders.>"] } } });
 * console.log((await authorize({ auth_token: "s3cret" }, "", origin))?.permissions?.publish?.allow?.join()); // orders.>
 * console.log(await authorize({ auth_token: "guess" }, "", origin)); // undefined
 * ```
 */
export function tokenAuthorizer(secret: string, grant: Grant = {}): Authorizer {
  checkSecret("the token", secret);
  checkGrant(grant);
  return ({ auth_token }) => (isEqual(auth_token, secret) ? grant : undefined);
}

/**
 * Accepts the users you list, by CONNECT's `user` and `pass`.
 *
 * @throws UsageError BAD_FIELD if there are no users; if a field of a user is missing, unknown or of the wrong kind; if two users
 * have the same name; if `noAuthUser` is not the name of a user; if a password is a bcrypt hash and there is no `compareHash`; if
 * it starts like one and is not
 * @throws UsageError BAD_SUBJECT if a permission is not a valid subject or pattern
 *
 * @example
 * ```js
 * import { userAuthorizer } from "@natswire/server";
 *
 * const origin = { listener: "nats://127.0.0.1:4222" };
 * const authorize = userAuthorizer([{ user: "ann", password: "pw", account: "A" }]);
 * console.log((await authorize({ user: "ann", pass: "pw" }, "", origin))?.account); // A
 * console.log(await authorize({ user: "ann", pass: "guess" }, "", origin)); // undefined
 * ```
 */
export function userAuthorizer(users: readonly User[], options: UserOptions = {}): Authorizer {
  checkUsers(users, ["user", "password"]);
  const { noAuthUser, compareHash } = options;
  const byName = new Map(users.map(({ password, ...grant }) => [grant.user, { password, grant }]));
  if (byName.size < users.length) throw new UsageError("BAD_FIELD", "two users have the same name; remove one of them");
  const hashes = users.filter(({ password }) => isHash(password));
  const [hashed] = hashes;
  const broken = hashes.find(({ password }) => !HASH.test(password));
  if (broken !== undefined)
    throw new UsageError(
      "BAD_FIELD",
      `the password of "${broken.user}" starts like a bcrypt hash, and is not one: ${HASH_FORM}`,
    );
  if (noAuthUser !== undefined && !byName.has(noAuthUser))
    throw new UsageError("BAD_FIELD", `noAuthUser must be the name of a user, not ${formatValue(noAuthUser)}`);
  if (hashed !== undefined && compareHash === undefined)
    throw new UsageError("BAD_FIELD", `the password of "${hashed.user}" is a bcrypt hash, which needs compareHash`);
  const authorize: Authorizer = (connect) => {
    if (noAuthUser !== undefined && !hasCredentials(connect)) return byName.get(noAuthUser)?.grant;
    const { user, pass } = connect;
    const named = typeof user === "string" ? byName.get(user) : undefined;
    // An unknown name takes as long as a wrong password.
    const password = named?.password ?? hashed?.password ?? "\0";
    if (compareHash === undefined || !isHash(password)) return isEqual(pass ?? "", password) ? named?.grant : undefined;
    if (typeof pass !== "string") return undefined;
    return compareHash(pass, password).then((isSame) => (isSame ? named?.grant : undefined));
  };
  return Object.assign(authorize, { isOptional: noAuthUser !== undefined });
}

const HASH = /^\$2[abxy]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z\d]{53}$/;
const HASH_FORM = "a hash has 60 characters, and a cost from 04 to 31";

/** Returns whether a password is a bcrypt hash, as nats-server decides it. */
function isHash(password: string): boolean {
  return /^\$2[abxy]\$\d\d\$/.test(password);
}

function hasCredentials({ user, pass, auth_token, nkey, jwt }: ConnectInfo): boolean {
  return [user, pass, auth_token, nkey, jwt].some((one) => (one ?? "") !== "");
}

/**
 * Accepts the clients that one of these authorizers accepts. Calls them in order, and denies the client if one throws.
 *
 * @throws UsageError BAD_FIELD if the list is empty, or one of them is not a function
 *
 * @example
 * ```js
 * import { anyAuthorizer, tokenAuthorizer, userAuthorizer } from "@natswire/server";
 *
 * const origin = { listener: "nats://127.0.0.1:4222" };
 * const authorize = anyAuthorizer(tokenAuthorizer("s3cret"), userAuthorizer([{ user: "ann", password: "pw" }]));
 * console.log((await authorize({ user: "ann", pass: "pw" }, "", origin)) !== undefined); // true
 * console.log(await authorize({}, "", origin)); // undefined
 * ```
 */
export function anyAuthorizer(...authorizers: readonly Authorizer[]): Authorizer {
  checkSome("the list of authorizers", authorizers);
  for (const authorize of authorizers) {
    if (typeof authorize !== "function")
      throw new UsageError("BAD_FIELD", `an authorizer must be a function, not ${typeName(authorize)}`);
  }
  const authorize: Authorizer = async (...client) => {
    for (const one of authorizers) {
      const grant = await one(...client);
      if (grant) return grant;
    }
    return undefined;
  };
  return Object.assign(authorize, { isOptional: authorizers.some(({ isOptional }) => isOptional) });
}

/** Compares in a time that depends on the length of the guess only. */
function isEqual(guess: string | undefined, secret: string): boolean {
  if (typeof guess !== "string") return false;
  let different = guess.length ^ secret.length;
  for (let i = 0; i < guess.length; i++) different |= guess.charCodeAt(i) ^ secret.charCodeAt(i % (secret.length || 1));
  return different === 0;
}
