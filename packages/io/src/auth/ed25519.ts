// SPDX-License-Identifier: Apache-2.0
import { host } from "../platform.ts";

/**
 * Whether a key signed this, by the platform's WebCrypto, which works beside the main thread; where that knows no
 * Ed25519, by a library.
 */
export async function isSignedBy(key: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  const { subtle } = host.crypto;
  let native: unknown;
  try {
    native = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    const { verifyAsync } = await import("@noble/ed25519");
    return verifyAsync(signature, message, key, { zip215: false });
  }
  return subtle.verify({ name: "Ed25519" }, native, signature, message);
}

// What stands before a seed in PKCS #8, the only form in which WebCrypto takes one.
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/** Signs with a key's seed of 32 bytes; 64 bytes. */
export async function signWith(seed: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  const { subtle } = host.crypto;
  let native: unknown;
  try {
    native = await subtle.importKey("pkcs8", Uint8Array.of(...PKCS8, ...seed), { name: "Ed25519" }, false, ["sign"]);
  } catch {
    const { signAsync } = await import("@noble/ed25519");
    return signAsync(message, seed);
  }
  return new Uint8Array(await subtle.sign({ name: "Ed25519" }, native, message));
}

/** The public key of a seed. */
export async function publicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  const { getPublicKeyAsync } = await import("@noble/ed25519");
  return getPublicKeyAsync(seed);
}
