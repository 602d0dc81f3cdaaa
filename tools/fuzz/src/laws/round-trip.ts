// SPDX-License-Identifier: Apache-2.0

import type { AnyFrame } from "@natswire/codec";
import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { type Codec, cut, type Sender, sameReading } from "../../../../packages/fuzz/src/reading.ts";
import { frame } from "../../../../packages/fuzz/src/stream.ts";
import { Choices } from "../choices.ts";

/** Returns the law: encoded frames decode to the same, for any chunks, each of which is overwritten after use. */
export function roundTripLaws(codec: Codec): (input: Uint8Array) => void {
  return (input) => {
    const choices = new Choices(input);
    const from: Sender = choices.once(2) ? "server" : "client";
    const sent: AnyFrame[] = [];
    const encoder = new codec.Encoder<AnyFrame>();
    for (let count = 1 + choices.below(6); count > 0; count--) sent.push(frame(from, choices));
    for (const one of sent) encoder.push(one);
    const parts: Uint8Array[] = [];
    for (let part = encoder.pull(); part !== undefined; part = encoder.pull()) parts.push(part.slice());
    const stream = concat(parts);
    const decoder = new codec.Decoder<unknown>(from === "server" ? codec.serverFrames : codec.clientFrames);
    const back: unknown[] = [];
    for (const chunk of cut(stream, choices)) {
      decoder.push(chunk);
      for (let one = decoder.pull(); one !== undefined; one = decoder.pull()) back.push(structuredClone(one));
      chunk.fill(0xaa);
    }
    const rest = { fault: undefined, rest: stream.length };
    if (!sameReading({ frames: back, ...rest }, { frames: sent, ...rest }) || decoder.buffered !== 0) {
      throw new LawBroken("encoded frames decode to the same frames", JSON.stringify({ sent, back }));
    }
  };
}
