// SPDX-License-Identifier: Apache-2.0
import { type AnyFrame, Decoder, encode, type Grammar, type Limits, Scanner } from "@natswire/codec";
import { concat } from "./escape.ts";
import type { Parts } from "./minimise.ts";

const NONE = new Uint8Array(0);

/** Returns how a stream is divided into its frames. What is broken or incomplete is divided into lines. */
export function framesOf(grammar: Grammar<AnyFrame>, limits?: Partial<Limits>): Parts {
  return {
    split(input) {
      const parts: Uint8Array[] = [];
      const scanner = new Scanner(grammar, limits);
      scanner.push(input.slice());
      try {
        while (scanner.next() !== 0) parts.push(scanner.frame()!.slice());
      } catch {
        // The rest of the stream is not a frame.
      }
      let rest = input.subarray(concat(parts).length);
      while (rest.length > 0) {
        const end = rest.indexOf(0x0a) + 1 || rest.length;
        parts.push(rest.slice(0, end));
        rest = rest.subarray(end);
      }
      return parts;
    },
    plainer(part) {
      const forms: Uint8Array[] = [];
      const decoder = new Decoder(grammar, limits);
      decoder.push(part.slice());
      try {
        const frame = decoder.pull();
        for (const form of frame === undefined ? [] : plainerFrames(frame)) forms.push(encode(form));
      } catch {
        // It is not a frame, or one that the encoder refuses.
      }
      return forms;
    },
  };
}

/** Returns plainer messages: each has less than the one before it, so that the last one that still fails is kept. */
function* plainerFrames(frame: AnyFrame): Generator<AnyFrame> {
  if (frame.op !== "msg" && frame.op !== "pub") return;
  const bare = { ...frame, headers: undefined };
  if (frame.headers !== undefined) yield bare;
  for (const size of [1, 0]) {
    if (frame.payload.length <= size) continue;
    const payload = size === 0 ? NONE : frame.payload.slice(0, size);
    yield { ...frame, payload };
    if (frame.headers !== undefined) yield { ...bare, payload };
  }
}
