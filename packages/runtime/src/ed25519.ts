// SPDX-License-Identifier: Apache-2.0
import { host } from "./platform.ts";

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
