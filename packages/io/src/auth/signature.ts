// SPDX-License-Identifier: Apache-2.0
import { base64, base64urlnopad } from "@scure/base";
import { encoder } from "../platform.ts";
import { isSignedBy } from "./ed25519.ts";

const SIGNATURE_BYTES = 64;

/**
 * Returns whether a key signed the nonce: the text of it, not decoded bytes.
 *
 * @param sig the signature as nats-server accepts it: base64url without padding, or base64 with it
 */
export async function isNonceSigned(key: Uint8Array, sig: string, nonce: string): Promise<boolean> {
  const signature = signatureIn(sig);
  return signature !== undefined && isSignedBy(key, signature, encoder.encode(nonce));
}

function signatureIn(text: string): Uint8Array | undefined {
  for (const coding of [base64urlnopad, base64]) {
    try {
      const bytes = coding.decode(text);
      return bytes.length === SIGNATURE_BYTES ? bytes : undefined;
    } catch {
      // Try the other one.
    }
  }
  return undefined;
}
