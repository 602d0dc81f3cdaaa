// SPDX-License-Identifier: Apache-2.0
import type { Scanner } from "../decode/scanner.ts";
import { equalsAscii, utf8 } from "../text.ts";

const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Returns the subject of the current frame as bytes, borrowed; empty if it has none. */
export function subjectBytes(scanner: Scanner): Uint8Array {
  const { bytes, subject, subjectEnd } = scanner.positions();
  return bytes.subarray(subject, subjectEnd);
}

/**
 * Returns a hash of the current frame's subject or of a string, as a whole number below 2^32: to choose one of several
 * servers, or to find the subject in a table of your own.
 *
 * It is FNV-1a of the UTF-8 bytes, with which nats-server chooses the connection of an account between two servers.
 *
 * @example
 * ```ts
 * import { Scanner, clientFrames } from "@natswire/codec";
 * import { subjectHash } from "@natswire/codec/rewrite";
 *
 * const scanner = new Scanner(clientFrames);
 * scanner.push(new TextEncoder().encode("PUB orders.new 0\r\n\r\n"));
 * scanner.next();
 * console.log(subjectHash(scanner) === subjectHash("orders.new"), subjectHash(scanner) % 3); // true 0
 * ```
 */
export function subjectHash(subject: Scanner | string): number {
  const bytes = typeof subject === "string" ? utf8.encode(subject) : subjectBytes(subject);
  let hash = FNV_START;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
  return hash >>> 0;
}

/**
 * Returns whether the current frame's subject begins with a prefix and is longer. Makes no string.
 *
 * If it returns `true`, the prefix can be cut: `{ subject: { cut: prefix.length } }`, for a prefix of ASCII.
 */
export function subjectStartsWith(scanner: Scanner, prefix: string): boolean {
  const { bytes, subject, subjectEnd } = scanner.positions();
  return startsWith(bytes, subject, subjectEnd, prefix);
}

/**
 * Returns whether the current frame's reply begins with a prefix and is longer. `false` without a reply, and for the queue group
 * of a SUB.
 */
export function replyStartsWith(scanner: Scanner, prefix: string): boolean {
  const { verb, bytes, reply, replyEnd } = scanner.positions();
  return verb?.body !== "none" && startsWith(bytes, reply, replyEnd, prefix);
}

function startsWith(bytes: Uint8Array, start: number, end: number, prefix: string): boolean {
  if (end - start > prefix.length && equalsAscii(prefix, bytes, start)) return true;
  const wanted = utf8.encode(prefix);
  return (
    wanted.length > prefix.length && end - start > wanted.length && wanted.every((byte, i) => byte === bytes[start + i])
  );
}
