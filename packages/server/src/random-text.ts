// SPDX-License-Identifier: Apache-2.0
import type { ServerConfig } from "./config.ts";

const NKEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64URL_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A server id in an nkey's alphabet and length, as clients expect it; there is no key behind it. */
export function createServerId(random: ServerConfig["random"]): string {
  return `N${randomText(random, NKEY_ALPHABET, 55)}`;
}

/** What a client that has a key signs: 15 characters, used once. */
export function createNonce(random: ServerConfig["random"]): string {
  return randomText(random, BASE64URL_ALPHABET, 15);
}

/** Both alphabets have a power of two of letters, so each is as likely as the next. */
function randomText(random: ServerConfig["random"], alphabet: string, length: number): string {
  const bytes = new Uint8Array(length);
  random(bytes);
  return Array.from(bytes, (byte) => alphabet[byte & (alphabet.length - 1)]).join("");
}
