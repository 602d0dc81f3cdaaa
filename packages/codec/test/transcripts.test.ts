// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { oracle } from "../../../tools/testkit/oracle.ts";
import { clientFrames, type Grammar, serverFrames } from "../src/index.ts";
import { read } from "./reading.ts";
import { formatReading, transcripts } from "./transcript.ts";

const senders = [
  { from: "server", grammar: serverFrames as Grammar<unknown> },
  { from: "client", grammar: clientFrames as Grammar<unknown> },
] as const;

describe.each(senders)("Transcripts of $from frames", ({ from, grammar }) => {
  const file = new URL(`./vectors/${from}-frames.md`, import.meta.url);

  it.each(transcripts(readFileSync(file, "utf8")))("$title", ({ input, limits, outcome }) => {
    const outcomeOf = (chunks: Uint8Array[]): string[] => formatReading(read(chunks, grammar, limits), input.length);
    expect(outcomeOf([input])).toEqual(outcome);
    expect(formatReading(oracle(input, from, limits), input.length)).toEqual(outcome);
    expect(outcomeOf(Array.from(input, (byte) => Uint8Array.of(byte)))).toEqual(outcome);
    // Long inputs are cut in fewer places.
    const step = Math.max(1, Math.floor(input.length / 400));
    for (let cut = 1; cut < input.length; cut += step) {
      expect(outcomeOf([input.slice(0, cut), input.slice(cut)])).toEqual(outcome);
    }
  });
});
