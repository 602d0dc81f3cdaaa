// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { type Authorizer, checkUsers, type Grant } from "@natswire/server";
import { decodePublicKey } from "./nkeys.ts";
import { isNonceSigned } from "./signature.ts";

/** A user who is authorized by an nkey. */
export interface NkeyUser extends Grant {
  /** The public key, `U…`. */
  readonly nkey: string;
}

/**
 * Returns an authorizer that accepts the listed users, if they sign the nonce with their key. Of two users with one key the first
 * counts.
 *
 * @throws UsageError BAD_FIELD if there are no users, a field is unknown or of the wrong kind, or a key is not the public key of a user
 * @throws UsageError BAD_SUBJECT if a permission is not a subject or pattern
 * @example
 * ```js
 * import { connect, nkeyAuthenticator, nkeyAuthorizer, serve } from "@natswire/node";
 *
 * // A key pair for this example only; the tool nk makes new ones.
 * const seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
 * const nkey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
 * const server = await serve({ authorize: nkeyAuthorizer([{ nkey }]) });
 * const client = await connect({ servers: server.url, authenticator: nkeyAuthenticator(seed) });
 * console.log(client.isClosed); // false
 * await client.close();
 * await server.close();
 * ```
 */
export function nkeyAuthorizer(known: readonly NkeyUser[]): Authorizer {
  const byName = new Map<string, { readonly key: Uint8Array; readonly grant: Grant }>();
  checkUsers(known, ["nkey"]);
  for (const { nkey, ...grant } of known) {
    const { kind, key } = decodePublicKey(nkey);
    if (kind !== "user")
      throw new UsageError("BAD_FIELD", `${nkey} must be the public key of a user, not of kind ${kind}`);
    if (byName.has(nkey)) throw new UsageError("BAD_FIELD", `two users have the nkey ${nkey}; remove one of them`);
    byName.set(nkey, { key, grant });
  }
  return async ({ nkey = "", sig = "" }, nonce) => {
    const found = byName.get(nkey);
    return found !== undefined && (await isNonceSigned(found.key, sig, nonce)) ? found.grant : undefined;
  };
}
