// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { encodePublicKey, type KeyKind } from "@natswire/node";

/** What a user's JWT may say beside whose it is. */
export interface UserClaims {
  readonly bearer_token?: boolean;
  /** The largest payload. */
  readonly payload?: number;
  readonly pub?: { readonly deny: readonly string[] };
  /** Seconds since 1970 after which it is nobody's any more. */
  readonly exp?: number;
}

/** An operator with one account, made anew, as a server is told of them and as the account's users are. */
export interface Operator {
  /** Lines of configuration. */
  readonly config: string;
  /** The JWT by which the account lets in whoever has this user's key. */
  user(nkey: string, claims?: UserClaims): string;
}

interface Signer {
  readonly nkey: string;
  readonly key: KeyObject;
}

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
  const said = { iss, sub, iat: Math.floor(Date.now() / 1000), exp, nats: { version: 2, ...claims } };
  const words = [{ typ: "JWT", alg: "ed25519-nkey" }, said].map((part) => base64url(JSON.stringify(part))).join(".");
  return `${words}.${base64url(sign(null, Buffer.from(words), key))}`;
}

function base64url(from: string | Buffer): string {
  return Buffer.from(from).toString("base64url");
}
