// SPDX-License-Identifier: Apache-2.0
import { clientFrames, serverFrames } from "@natswire/codec";
import { FrameReader, type Side } from "../frame-reader.ts";

const LF = 0x0a;
// Bytes after which an incomplete frame is not believed any more: nats-server's largest payload is 64 MiB.
const MOST = 67_108_864;
const FIRST = {
  client: new Set(clientFrames.verbs.map(({ word }) => word.charCodeAt(0))),
  server: new Set(serverFrames.verbs.map(({ word }) => word.charCodeAt(0))),
};

/**
 * Finds the first line that is the start of a frame.
 *
 * @returns where it is; without a frame, from where on more bytes are needed to tell
 */
export function findFrame(bytes: Uint8Array, side: Side): { readonly at: number; readonly isFrame: boolean } {
  let at = 0;
  while (at < bytes.length) {
    const verdict = FIRST[side].has(bytes[at] as number) ? judge(bytes.subarray(at), side) : "no";
    if (verdict === "yes") return { at, isFrame: true };
    if (verdict === "more") return { at, isFrame: false };
    const end = bytes.indexOf(LF, at);
    if (end < 0) break;
    at = end + 1;
  }
  return { at: bytes.length, isFrame: false };
}

/** Returns whether a whole frame begins here, or how much is there decides nothing. */
function judge(bytes: Uint8Array, side: Side): "yes" | "no" | "more" {
  const reader = FrameReader.for(side);
  reader.push(bytes);
  if (reader.next()) return "yes";
  return reader.stopReason === undefined && bytes.length <= MOST ? "more" : "no";
}
