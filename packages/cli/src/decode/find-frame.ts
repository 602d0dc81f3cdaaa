// SPDX-License-Identifier: Apache-2.0
import type { FrameReader } from "../frame-reader.ts";

const LF = 0x0a;
// Bytes after which an incomplete frame is not believed any more: nats-server's largest payload is 64 MiB.
const MOST = 67_108_864;
/**
 * Finds the first line that is the start of a frame.
 *
 * @param createReader returns a new reader for the frames
 * @returns where it is; without a frame, from where on more bytes are needed to tell
 */
export function findFrame(
  bytes: Uint8Array,
  createReader: () => FrameReader,
): { readonly at: number; readonly isFrame: boolean } {
  const firsts = new Set(createReader().words.map((word) => word.charCodeAt(0)));
  let at = 0;
  while (at < bytes.length) {
    const verdict = firsts.has(bytes[at] as number) ? judge(bytes.subarray(at), createReader()) : "no";
    if (verdict === "yes") return { at, isFrame: true };
    if (verdict === "more") return { at, isFrame: false };
    const end = bytes.indexOf(LF, at);
    if (end < 0) break;
    at = end + 1;
  }
  return { at: bytes.length, isFrame: false };
}

/** Returns whether a whole frame begins here, or how much is there decides nothing. */
function judge(bytes: Uint8Array, reader: FrameReader): "yes" | "no" | "more" {
  reader.push(bytes);
  if (reader.next()) return "yes";
  return reader.stopReason === undefined && bytes.length <= MOST ? "more" : "no";
}
