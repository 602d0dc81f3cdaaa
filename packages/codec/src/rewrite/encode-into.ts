// SPDX-License-Identifier: Apache-2.0
import { encode } from "../encode/encoder.ts";
import { formatValue, UsageError } from "../errors.ts";
import type { FrameInput } from "../frames.ts";

/**
 * Encodes one frame into memory of the caller.
 *
 * @param into where to write
 * @param at the position of the first byte
 * @returns the position after the frame, or -1 if there is not enough room: then nothing was written
 * @throws UsageError if a field cannot be sent; BAD_NUMBER if the position is not a whole number
 *
 * @example
 * ```ts
 * import { encodeInto } from "@natswire/codec/rewrite";
 *
 * const memory = new Uint8Array(1024);
 * const end = encodeInto({ op: "ping" }, memory);
 * if (end < 0) throw new Error("the memory is full");
 * console.log(JSON.stringify(new TextDecoder().decode(memory.subarray(0, end)))); // "PING\r\n"
 * ```
 */
export function encodeInto(frame: FrameInput, into: Uint8Array, at = 0): number {
  checkPosition(at);
  const bytes = encode(frame);
  const end = at + bytes.length;
  if (end > into.length) return -1;
  into.set(bytes, at);
  return end;
}

/** Checks the position at which a frame is to be written: -1 is the answer of a call that had no room. */
export function checkPosition(at: number): void {
  if (Number.isSafeInteger(at) && at >= 0) return;
  throw new UsageError("BAD_NUMBER", `the position must be a whole number from 0, not ${formatValue(at)}`);
}
