// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { encodePublicKey, type KeyKind } from "@natswire/node";

/** Claims of a user's JWT. */
export interface UserClaims {
  readonly bearer_token?: boolean;
  /** The largest payload. */
  readonly payload?: number;
  readonly pub?: { readonly deny: readonly string[] };
  /** The expiry, in seconds since 1970. */
  readonly exp?: number;
}

/** A new operator with one account. */
export interface Operator {
  /** The configuration of a server with this operator, as lines. */
  readonly config: string;
  /** Returns a JWT for a user, signed by the account. */
  user(nkey: string, claims?: UserClaims): string;
}

interface Signer {
  readonly nkey: string;
  readonly key: KeyObject;
}

/** Creates an operator with one account. */
export function makeOperator(): Operator {
  const [operator, account] = [makeSigner("operator"), makeSigner("account")];
  const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const operatorJwt = jwt(operator, operator.nkey, { type: "operator" });
  const accountJwt = jwt(operator, account.nkey, { type: "account", limits });
  return {
    config: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${account.nkey}: ${accountJwt} }`,
    user: (nkey, { exp, ...claims } = {}) =>
      jwt(account, nkey, { type: "user", subs: -1, data: -1, payload: -1, ...claims }, exp),
  };
}

function makeSigner(kind: KeyKind): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    nkey: encodePublicKey(kind, Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url")),
    key: privateKey,
  };
}

function jwt({ nkey: iss, key }: Signer, sub: string, claims: object, exp?: number): string {
  const payload = { iss, sub, iat: Math.floor(Date.now() / 1000), exp, nats: { version: 2, ...claims } };
  const signed = [{ typ: "JWT", alg: "ed25519-nkey" }, payload]
    .map((part) => base64url(JSON.stringify(part)))
    .join(".");
  return `${signed}.${base64url(sign(null, Buffer.from(signed), key))}`;
}

function base64url(from: string | Buffer): string {
  return Buffer.from(from).toString("base64url");
}
