// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { encodePublicKey, type KeyKind } from "@natswire/node";

/** Claims of a user's JWT. */
export interface UserClaims {
  readonly bearer_token?: boolean;
  /** The largest payload. */
  readonly payload?: number;
  readonly pub?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] };
  readonly sub?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] };
  /** Responses that it may publish, and the time for them in nanoseconds. */
  readonly resp?: { readonly max: number; readonly ttl: number };
  readonly src?: readonly string[];
  readonly times?: readonly object[];
  readonly allowed_connection_types?: readonly string[];
  /** The expiry, in seconds since 1970, when it begins to be valid, and when it was issued. */
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  /** The version and the type of the claims, if they are not those of a user. */
  readonly version?: number;
  readonly type?: KeyKind;
  /** Fields of the header that are not the usual ones. */
  readonly header?: { readonly typ?: string; readonly alg?: string };
}

/** Who signs a user's JWT: the account, a signing key of it, one with a scope or variables, or a key that is not the account's. */
export type UserSigner = "account" | "key" | "scope" | "variables" | "stranger";

/** A new operator with one account. */
export interface Operator {
  /** The configuration of a server with this operator, as lines. */
  readonly config: string;
  readonly nkey: string;
  readonly jwt: string;
  readonly accountNkey: string;
  readonly accountJwt: string;
  /** Returns a JWT for a user, signed by the account by default. */
  user(nkey: string, claims?: UserClaims, by?: UserSigner): string;
}

interface Signer {
  readonly nkey: string;
  readonly key: KeyObject;
}

/**
 * Creates an operator with one account. Its scoped key grants publishing to `scoped`.
 *
 * @param claims more claims of the account
 * @param options when the account expires, and whether a signing key of the operator signs it
 */
export function makeOperator(claims: object = {}, options: { exp?: number; isByKey?: boolean } = {}): Operator {
  const { exp: accountExp, isByKey = false } = options;
  const [operator, operatorKey, account] = [makeSigner("operator"), makeSigner("operator"), makeSigner("account")];
  const signers = {
    account,
    key: makeSigner("account"),
    scope: makeSigner("account"),
    variables: makeSigner("account"),
    stranger: makeSigner("account"),
  };
  const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const unlimited = { subs: -1, data: -1, payload: -1 };
  const template = { pub: { allow: ["scoped"] }, sub: {}, ...unlimited };
  const variables = { ...template, pub: { allow: ["{{name()}}"] } };
  const scoped = (key: string, scope: object): object => ({ kind: "user_scope", key, role: "r", template: scope });
  const signing_keys = [
    signers.key.nkey,
    scoped(signers.scope.nkey, template),
    scoped(signers.variables.nkey, variables),
  ];
  const operatorJwt = jwt(operator, operator.nkey, { type: "operator", signing_keys: [operatorKey.nkey] });
  const accountClaims = { type: "account", limits, signing_keys, ...claims };
  const accountJwt = jwt(isByKey ? operatorKey : operator, account.nkey, accountClaims, { exp: accountExp });
  return {
    config: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${account.nkey}: ${accountJwt} }`,
    nkey: operator.nkey,
    jwt: operatorJwt,
    accountNkey: account.nkey,
    accountJwt,
    user: (nkey, { exp, nbf, iat, header, ...own } = {}, by = "account") => {
      const usual = by === "scope" || by === "variables" ? {} : unlimited;
      const issuer = by === "account" ? {} : { issuer_account: account.nkey };
      return jwt(signers[by], nkey, { type: "user", ...usual, ...issuer, ...own }, { exp, nbf, iat }, header);
    },
  };
}

function makeSigner(kind: KeyKind): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    nkey: encodePublicKey(kind, Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url")),
    key: privateKey,
  };
}

function jwt(
  { nkey: iss, key }: Signer,
  sub: string,
  claims: object,
  times: Partial<Record<string, number | undefined>> = {},
  header: object = {},
): string {
  const { iat = Math.floor(Date.now() / 1000), exp, nbf } = times;
  const payload = { iss, sub, iat, exp, nbf, nats: { version: 2, ...claims } };
  const signed = [{ typ: "JWT", alg: "ed25519-nkey", ...header }, payload]
    .map((part) => base64url(JSON.stringify(part)))
    .join(".");
  return `${signed}.${base64url(sign(null, Buffer.from(signed), key))}`;
}

function base64url(from: string | Buffer): string {
  return Buffer.from(from).toString("base64url");
}
