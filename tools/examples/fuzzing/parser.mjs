// SPDX-License-Identifier: Apache-2.0
// A parser with a bug, for the fuzzer to find: npx @natswire/fuzz --target parser.mjs
import { Decoder, serverFrames } from "@natswire/codec";

export const from = "server"; // the sender of the bytes: "server" or "client"

/** Returns the frames of one stream, and the error if there is one. @param {Uint8Array[]} chunks */
export default function parse(chunks) {
  const frames = [];
  try {
    for (const chunk of chunks) {
      const decoder = new Decoder(serverFrames); // the bug: each chunk begins a new stream
      decoder.push(chunk);
      for (const frame of decoder) frames.push(frame);
    }
  } catch (error) {
    return { frames, error };
  }
  return { frames, error: undefined };
}
