// SPDX-License-Identifier: Apache-2.0
import type { ServerConfig } from "./config.ts";

/** Returns which limit a subject or pattern exceeds, as the end of an -ERR text, or `undefined` if it exceeds none. */
export function limitViolation(subject: string, { maxSubject, maxTokens }: ServerConfig): string | undefined {
  // A character has at most three bytes, and n tokens have at least 2n - 1.
  if (3 * subject.length > maxSubject && byteLength(subject) > maxSubject) return "too long";
  if (subject.length >= 2 * maxTokens && subject.split(".", maxTokens + 1).length > maxTokens) return "too many tokens";
  return undefined;
}

/** Returns the length in UTF-8; half a surrogate pair counts two. */
function byteLength(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x80) bytes += c < 0x800 || (c & 0xf800) === 0xd800 ? 1 : 2;
  }
  return bytes;
}
