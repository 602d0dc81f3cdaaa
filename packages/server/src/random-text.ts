// SPDX-License-Identifier: Apache-2.0
import type { ServerConfig } from "./config.ts";

const NKEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64URL_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Returns a random server id. It looks like a server's public nkey, as clients expect, but has no private key. */
export function createServerId(random: ServerConfig["random"]): string {
  return `N${randomText(random, NKEY_ALPHABET, 55)}`;
}

/** Returns a random nonce for one connection: 15 characters, 90 bits. */
export function createNonce(random: ServerConfig["random"]): string {
  return randomText(random, BASE64URL_ALPHABET, 15);
}

/** Returns a random text. @param alphabet its length must be a power of two, so that its letters are equally likely */
export function randomText(random: ServerConfig["random"], alphabet: string, length: number): string {
  const bytes = new Uint8Array(length);
  random(bytes);
  return Array.from(bytes, (byte) => alphabet[byte & (alphabet.length - 1)]).join("");
}
