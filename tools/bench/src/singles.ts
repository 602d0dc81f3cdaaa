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

/** Encodes a single frame: with a new encoder for each, or with `encode`, which reuses one. */
export const oneFrame = ({ Encoder, encode }: Codec): Contestant[] => [
  repeated("an Encoder for each", () => {
    const encoder = new Encoder();
    encoder.push(frame);
    return encoder.pull()!.slice().length;
  }),
  repeated("encode", () => encode(frame).length),
];

/** Creates a decoder: with other limits than the one before, or with the same. */
export const oneDecoder = ({ Decoder, serverFrames }: Codec): Contestant[] => [
  repeated("other limits", (i) => new Decoder(serverFrames, { payload: 1000 + (i & 1) }).offset + 1),
  repeated("the same limits", () => new Decoder(serverFrames, { payload: 1000 }).offset + 1),
];

function repeated(name: string, once: (i: number) => number): Contestant {
  return {
    name,
    run: () => {
      let sum = 0;
      for (let i = 0; i < BATCH; i++) sum += once(i);
      return sum;
    },
  };
}
