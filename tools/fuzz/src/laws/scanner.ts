// SPDX-License-Identifier: Apache-2.0

import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import {
  type Codec,
  cut,
  formatReading,
  read,
  type Sender,
  sameBytes,
  sameFrame,
} from "../../../../packages/fuzz/src/reading.ts";
import { hash, Random } from "../../../testkit/random.ts";

const NONE = new Uint8Array(0);

/** Returns the laws of the scanner. */
export function scannerLaws(codec: Codec): (input: Uint8Array) => void {
  return (input) => {
    const random = new Random(hash(input));
    const from: Sender = random.once(2) ? "server" : "client";
    const grammar = from === "server" ? codec.serverFrames : codec.clientFrames;
    const whole = read(codec, [input], from);
    const scanner = new codec.Scanner(grammar);
    const raw: Uint8Array[] = [];
    let frames = 0;
    let fault: unknown;
    try {
      const chunks = cut(input, random);
      for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
        scanner.push(chunk);
        while (scanner.next() !== 0) {
          // A frame can be read until the next call of next, whatever is pushed meanwhile.
          if (random.once(4)) for (let more = random.below(3); more > 0; more--) scanner.push(chunks.shift() ?? NONE);
          raw.push(scanner.frame()!.slice());
          // It makes no difference which methods are called, and in which order.
          if (random.once(2)) {
            scanner.flaw();
            scanner.payload();
          }
          // The grammar's frame may reject INFO and CONNECT, so it is always called.
          const frame: unknown = grammar.frame(scanner);
          if (frames >= whole.frames.length || !sameFrame(frame, whole.frames[frames])) {
            throw new LawBroken("the scanner stands on the frame that the decoder makes", formatReading(whole));
          }
          if (scanner.size !== (scanner.headers()?.length ?? 0) + scanner.payload().length) {
            throw new LawBroken("size is the sum of headers and payload");
          }
          frames++;
        }
      }
    } catch (error) {
      if (!(error instanceof codec.ProtocolError)) throw error;
      fault = error;
    }
    if ((fault as { code?: string } | undefined)?.code !== whole.fault?.code) {
      throw new LawBroken("scanner and decoder report the same fault", `${String(fault)}\n${formatReading(whole)}`);
    }
    const bytes = concat(raw);
    if (frames < whole.frames.length || !sameBytes(bytes, input.subarray(0, bytes.length))) {
      throw new LawBroken("the raw frames are the input", formatReading(whole));
    }
    if (fault === undefined && scanner.offset + scanner.buffered !== input.length) {
      throw new LawBroken("offset and buffered add up to the bytes pushed");
    }
  };
}
