// SPDX-License-Identifier: Apache-2.0
import { decodeText, utf8 } from "@natswire/codec";

/** No bytes: the payload of a status. */
export const noBytes: Uint8Array = new Uint8Array(0);

/** Decodes UTF-8. */
export function utf8Text(bytes: Uint8Array): string {
  return decodeText(bytes, 0, bytes.length);
}

/** Returns a value as the bytes of JSON. Escapes `<`, `>` and `&`, as nats-server does. */
export function jsonBytes(value: unknown): Uint8Array {
  const text = JSON.stringify(value);
  return utf8.encode(/[<>&]/.test(text) ? text.replace(/[<>&]/g, escaped) : text);
}

function escaped(character: string): string {
  return `\\u00${character.charCodeAt(0).toString(16)}`;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Encodes bytes as base64, with padding. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const bits = (a << 16) | (b << 8) | c;
    for (let shift = 18; shift >= 0; shift -= 6) text += ALPHABET[(bits >> shift) & 63];
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  return missing === 0 ? text : text.slice(0, -missing) + "=".repeat(missing);
}

/** Decodes what `base64` returned. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  for (let i = 0, at = 0; i < digits.length; i++) {
    bits = (bits << 6) | ALPHABET.indexOf(digits[i]!);
    if (i % 4 > 0) bytes[at++] = bits >> (6 - 2 * (i % 4));
  }
  return bytes;
}

/** Returns the number of bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return utf8.encode(text).length;
  return text.length;
}
