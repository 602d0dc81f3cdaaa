// SPDX-License-Identifier: Apache-2.0
import type { Codec } from "./parse.ts";
import { BATCH } from "./publish.ts";
import type { Contestant } from "./race.ts";

const frame = {
  op: "pub",
  subject: "orders.europe",
  reply: undefined,
  headers: undefined,
  payload: new Uint8Array(16).fill(0x61),
  flaw: undefined,
} as const;

/** The bytes of a single frame: an encoder made for each, and `encode`, which has one at hand. */
export const oneFrame = ({ Encoder, encode }: Codec): Contestant[] => [
  often("an Encoder for each", () => {
    const encoder = new Encoder();
    encoder.push(frame);
    return encoder.pull()!.slice().length;
  }),
  often("encode", () => encode(frame).length),
];

/** A decoder for a connection: with limits the one before did not have, and with the same. */
export const oneDecoder = ({ Decoder, serverFrames }: Codec): Contestant[] => [
  often("other limits", (i) => new Decoder(serverFrames, { payload: 1000 + (i & 1) }).offset + 1),
  often("the same limits", () => new Decoder(serverFrames, { payload: 1000 }).offset + 1),
];

function often(name: string, once: (i: number) => number): Contestant {
  return {
    name,
    run: () => {
      let sum = 0;
      for (let i = 0; i < BATCH; i++) sum += once(i);
      return sum;
    },
  };
}
