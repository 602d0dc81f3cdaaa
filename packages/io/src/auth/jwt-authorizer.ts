// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import type { Authorizer, Permissions, SubjectPermission } from "@natswire/server";
import { badField } from "../bad-field.ts";
import { checkOptions } from "../options.ts";
import { webCrypto } from "../platform.ts";
import { type Claims, isCurrent, readJwt } from "./jwt.ts";
import { decodePublicKey } from "./nkeys.ts";
import { isNonceSigned } from "./signature.ts";

/** The operators that a server trusts, and their accounts. */
export interface JwtOptions {
  /** Operators: their public keys, `O…`, or their JWTs, which also name the keys that sign for them. */
  readonly operators: readonly string[];
  /** The JWTs of all accounts whose users may connect. */
  readonly accounts: readonly string[];
}

/** The part of a user's claims that is granted or checked; with a scoped signing key it comes from the account's JWT. */
interface UserClaims {
  readonly pub?: SubjectPermission;
  readonly sub?: SubjectPermission;
  /** `ttl` is in nanoseconds. */
  readonly resp?: { readonly max?: number; readonly ttl?: number };
  readonly src?: readonly string[];
  readonly times?: readonly unknown[];
  readonly bearer_token?: boolean;
  readonly allowed_connection_types?: readonly string[];
}

type SigningKey = string | { readonly key: string; readonly template?: UserClaims };

interface AccountClaims {
  readonly signing_keys?: readonly SigningKey[];
  readonly revocations?: Readonly<Record<string, number>>;
  readonly default_permissions?: UserClaims;
  readonly limits?: { readonly disallow_bearer?: boolean };
}

/**
 * Accepts the users of these accounts by their JWTs, as a nats-server with operators does (`resolver: MEMORY`).
 *
 * A user is accepted if all of this is true:
 *
 * - One of the accounts, or a signing key of it, signed the user's JWT.
 * - Both JWTs are valid now, and the account does not revoke the user.
 * - The user signed the nonce, or has a bearer token and the account allows it.
 *
 * The connection is closed when one of the two JWTs expires. A JWT with `src` or `times`, or a scoped key with variables in its
 * template, is denied: these are not checked. Limits of users and accounts, imports and exports are ignored.
 *
 * @throws UsageError BAD_FIELD if an operator is neither a public key nor a valid JWT, an account's JWT is not valid or not signed
 * by one of the operators, or the runtime has no WebCrypto
 *
 * @example
 * ```js
 * import { jwtAuthorizer } from "@natswire/node";
 *
 * // The operator's JWT, and those of its accounts, as nsc prints them; none for this example.
 * const authorize = await jwtAuthorizer({ operators: [], accounts: [] });
 * console.log(await authorize({ jwt: "no JWT" }, "", { listener: "nats://127.0.0.1:4222" })); // undefined
 * ```
 */
export async function jwtAuthorizer(options: JwtOptions): Promise<Authorizer> {
  checkOptions(options, ["operators", "accounts"], "jwtAuthorizer");
  // Without it every JWT would seem invalid.
  webCrypto();
  const { operators, accounts } = options ?? {};
  for (const [name, list] of Object.entries({ operators, accounts }))
    if (!Array.isArray(list)) throw badField(name, "an array of strings", list);
  const trusted = new Set((await Promise.all(operators.map(keysOf))).flat());
  const known = new Map<string, Claims>();
  for (const [i, jwt] of accounts.entries()) {
    const account = await readJwt(jwt, "account");
    if (account === undefined || !trusted.has(account.iss))
      throw new UsageError("BAD_FIELD", `accounts[${i}] must be the JWT of an account, signed by one of the operators`);
    known.set(account.sub, account);
  }
  return async ({ jwt = "", sig = "" }, nonce, { listener }) => {
    const user = await readJwt(jwt, "user");
    if (user === undefined) return undefined;
    const account = known.get(String(user.nats["issuer_account"] || user.iss));
    const now = Date.now() / 1000;
    if (account === undefined || !isCurrent(user, now) || !isCurrent(account, now)) return undefined;
    const claims = claimsOf(user, account);
    const { revocations = {}, limits, default_permissions } = account.nats as AccountClaims;
    if (claims === undefined || isRevoked(revocations, user) || !isConnectionAllowed(claims, listener))
      return undefined;
    const isBearer = claims.bearer_token === true;
    if (isBearer && limits?.disallow_bearer === true) return undefined;
    if (!isBearer && !(await isNonceSigned(decodePublicKey(user.sub).key, sig, nonce))) return undefined;
    const permissions = permissionsOf(claims) ?? (default_permissions && permissionsOf(default_permissions));
    const end = Math.min(user.exp || Number.POSITIVE_INFINITY, account.exp || Number.POSITIVE_INFINITY);
    return { user: user.sub, account: account.sub, permissions, expires: Math.max(0, (end - now) * 1000) };
  };
}

/** Returns the keys that sign for an operator. */
async function keysOf(operator: string, i: number): Promise<readonly string[]> {
  const claims = await readJwt(operator, "operator");
  if (claims !== undefined && claims.iss === claims.sub)
    return [claims.sub, ...((claims.nats["signing_keys"] as readonly string[] | undefined) ?? [])];
  try {
    if (decodePublicKey(operator).kind === "operator") return [operator];
  } catch {
    // It is not a key.
  }
  throw new UsageError("BAD_FIELD", `operators[${i}] must be the public key or the JWT of an operator`);
}

/** Returns what a user's JWT claims, or what its scope grants; `undefined` if its signer may not sign it. */
function claimsOf({ iss, nats }: Claims, account: Claims): UserClaims | undefined {
  if (iss === account.sub) return nats as UserClaims;
  const { signing_keys = [] } = account.nats as AccountClaims;
  const signer = signing_keys.find((one) => (typeof one === "string" ? one : one.key) === iss);
  if (signer === undefined) return undefined;
  if (typeof signer === "string") return nats as UserClaims;
  const { template = {} } = signer;
  const isScoped = scopedFields.every((name) => isEmpty(nats[name])) && !JSON.stringify(template).includes("{{");
  return isScoped ? template : undefined;
}

// With a scoped signing key, a user's JWT must have none of these; nsc writes `pub` and `sub` as `{}`.
const scopedFields =
  "pub sub resp src times times_location subs data payload bearer_token allowed_connection_types".split(" ");

function isEmpty(claim: unknown): boolean {
  return !claim || JSON.stringify(claim) === "{}";
}

function isRevoked(revocations: Readonly<Record<string, number>>, { sub, iat = 0 }: Claims): boolean {
  return [sub, "*"].some((name) => (revocations[name] ?? -1) >= iat);
}

function isConnectionAllowed({ src, times, allowed_connection_types: types }: UserClaims, listener: string): boolean {
  const type = listener.startsWith("ws") ? "WEBSOCKET" : "STANDARD";
  // Addresses and times are not checked, so such a user is denied.
  return !src?.length && !times?.length && (!types?.length || types.some((one) => one.toUpperCase() === type));
}

/** Returns the permissions; `undefined`, which is everything, if all lists are empty. */
function permissionsOf({ pub = {}, sub = {}, resp }: UserClaims): Permissions | undefined {
  const hasEntries = ({ allow = [], deny = [] }: SubjectPermission): boolean => allow.length + deny.length > 0;
  if (!hasEntries(pub) && !hasEntries(sub) && !resp) return undefined;
  return {
    publish: hasEntries(pub) ? { allow: pub.allow, deny: pub.deny } : undefined,
    // As in nats-server: here an empty list allows everything, and in `publish` nothing.
    subscribe: { allow: sub.allow?.length ? sub.allow : undefined, deny: sub.deny },
    allowResponses: resp && { max: limitOf(resp.max, 1), expires: limitOf(resp.ttl, 120e9) / 1e6 },
  };
}

/** Returns a limit of a JWT: 0 is the default, and a negative number no limit. */
function limitOf(value: number | undefined, standard: number): number {
  return (value ?? 0) < 0 ? Number.POSITIVE_INFINITY : value || standard;
}
