// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { type Authorizer, checkGrant, type Grant } from "@natswire/server";
import { base64, base64urlnopad } from "@scure/base";
import { encoder } from "../platform.ts";
import { isSignedBy } from "./ed25519.ts";
import { decodePublicKey } from "./nkeys.ts";

/** A user as `nkeys` knows it. */
export interface NkeyUser extends Grant {
  /** The public key, `U…`. */
  readonly nkey: string;
}

/**
 * Lets in who signs the nonce with the key of a user; of two with one key the first counts.
 *
 * @throws UsageError BAD_FIELD where a key is no user's public key, BAD_SUBJECT where a rule is no subject or pattern
 */
export function nkeyAuthorizer(known: readonly NkeyUser[]): Authorizer {
  const byName = new Map<string, { readonly key: Uint8Array; readonly grant: Grant }>();
  for (const one of known) {
    checkGrant(one);
    const { kind, key } = decodePublicKey(one.nkey);
    if (kind !== "user") throw new UsageError("BAD_FIELD", `${one.nkey} is the key of kind ${kind}, and not a user's`);
    if (!byName.has(one.nkey)) byName.set(one.nkey, { key, grant: one });
  }
  return async ({ nkey = "", sig = "" }, nonce) => {
    const found = byName.get(nkey);
    const signature = signatureIn(sig);
    if (found === undefined || signature === undefined) return undefined;
    // What is signed is the nonce's text, not what it might be decoded to.
    return (await isSignedBy(found.key, signature, encoder.encode(nonce))) ? found.grant : undefined;
  };
}

/** As the reference server reads it: base64url without padding, or else base64 with it. */
function signatureIn(text: string): Uint8Array | undefined {
  for (const coding of [base64urlnopad, base64]) {
    try {
      const bytes = coding.decode(text);
      return bytes.length === SIGNATURE_BYTES ? bytes : undefined;
    } catch {
      // The other one, or none.
    }
  }
  return undefined;
}

const SIGNATURE_BYTES = 64;
