// SPDX-License-Identifier: Apache-2.0

import { hash, Random } from "../../../testkit/random.ts";
import { concat } from "../escape.ts";
import { Broken } from "../finding.ts";
import { type Codec, cut, read, type Sender, sameBytes, sameFrame, shown } from "../reading.ts";

const NONE = new Uint8Array(0);

/** The laws of the cursor below the decoder. */
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
          // What it tells of a frame holds until the next call of next, whatever is pushed meanwhile.
          if (random.once(4)) for (let more = random.below(3); more > 0; more--) scanner.push(chunks.shift() ?? NONE);
          raw.push(scanner.frame()!.slice());
          // Asking or not asking, and in whatever order, makes no difference to what comes later.
          if (random.once(2)) {
            scanner.flaw();
            scanner.payload();
          }
          // INFO and CONNECT are refused by their grammar's frame, so it is always asked for.
          const frame: unknown = grammar.frame(scanner);
          if (frames >= whole.frames.length || !sameFrame(frame, whole.frames[frames])) {
            throw new Broken("the scanner stands on the frame the decoder makes", shown(whole));
          }
          if (scanner.size !== (scanner.headers()?.length ?? 0) + scanner.payload().length) {
            throw new Broken("size is headers and payload together");
          }
          frames++;
        }
      }
    } catch (error) {
      if (!(error instanceof codec.ProtocolError)) throw error;
      fault = error;
    }
    if ((fault as { code?: string } | undefined)?.code !== whole.fault?.code) {
      throw new Broken("scanner and decoder fault alike", `${String(fault)}\n${shown(whole)}`);
    }
    const bytes = concat(raw);
    if (frames < whole.frames.length || !sameBytes(bytes, input.subarray(0, bytes.length))) {
      throw new Broken("the raw frames are the input, byte for byte", shown(whole));
    }
    if (fault === undefined && scanner.offset + scanner.buffered !== input.length) {
      throw new Broken("offset and buffered add up to what was pushed");
    }
  };
}
