// SPDX-License-Identifier: Apache-2.0
import { getPublicKeyAsync, signAsync, verifyAsync } from "@noble/ed25519";
import { webCrypto } from "../platform.ts";

/**
 * Returns whether a key signed the message: with WebCrypto, which does not block the main thread, or with a library if that lacks
 * Ed25519.
 */
export async function isSignedBy(key: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  const subtle = webCrypto();
  let native: unknown;
  try {
    native = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return verifyAsync(signature, message, key, { zip215: false });
  }
  return subtle.verify({ name: "Ed25519" }, native, signature, message);
}

// The header of a seed in PKCS #8, the only form that WebCrypto imports.
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/** Returns the signature of a message, 64 bytes, by the key of a seed of 32 bytes. */
export async function signWith(seed: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  const subtle = webCrypto();
  let native: unknown;
  try {
    native = await subtle.importKey("pkcs8", Uint8Array.of(...PKCS8, ...seed), { name: "Ed25519" }, false, ["sign"]);
  } catch {
    return signAsync(message, seed);
  }
  return new Uint8Array(await subtle.sign({ name: "Ed25519" }, native, message));
}

/** Returns the public key of a seed. */
export function publicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  return getPublicKeyAsync(seed);
}
