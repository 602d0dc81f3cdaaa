// SPDX-License-Identifier: Apache-2.0
// A parser with a planted bug: the subject of a message with a reply is in lower case.
import { Decoder, serverFrames } from "@natswire/codec";

export const from = "server";

/** Returns the frames of one stream. @param {readonly Uint8Array[]} chunks */
export default async function parse(chunks) {
  const decoder = new Decoder(serverFrames);
  const frames = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (const frame of decoder) {
        const hasReply = frame.op === "msg" && frame.reply !== undefined;
        frames.push(hasReply ? { ...frame, subject: frame.subject.toLowerCase() } : frame);
      }
    }
  } catch (error) {
    return { frames, error };
  }
  return { frames };
}
