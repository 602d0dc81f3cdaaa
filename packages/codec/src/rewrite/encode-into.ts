// SPDX-License-Identifier: Apache-2.0
import { encode } from "../encode/encoder.ts";
import type { FrameInput } from "../frames.ts";

/**
 * Encodes one frame into memory of the caller.
 *
 * @param into where to write
 * @param at the position of the first byte
 * @returns the position after the frame, or -1 if there is not enough room: then nothing was written
 * @throws UsageError if a field cannot be sent
 *
 * @example
 * ```ts
 * import { encodeInto } from "@natswire/codec/rewrite";
 *
 * const memory = new Uint8Array(1024);
 * const end = encodeInto({ op: "pong" }, memory, encodeInto({ op: "ping" }, memory));
 * console.log(JSON.stringify(new TextDecoder().decode(memory.subarray(0, end)))); // "PING\r\nPONG\r\n"
 * ```
 */
export function encodeInto(frame: FrameInput, into: Uint8Array, at = 0): number {
  const bytes = encode(frame);
  const end = at + bytes.length;
  if (end > into.length) return -1;
  into.set(bytes, at);
  return end;
}
