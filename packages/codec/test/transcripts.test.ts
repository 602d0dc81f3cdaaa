// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { oracle } from "../../../tools/testkit/oracle.ts";
import { read } from "./reading.ts";
import { formatReading, senders, transcripts } from "./transcript.ts";

describe.each(senders)("Transcripts of %s frames", (from, grammarOf) => {
  const file = new URL(`./vectors/${from}-frames.md`, import.meta.url);
  const cases = transcripts(readFileSync(file, "utf8")).map((one) => [one.title, one] as const);

  it.each(cases)("%s", (_, { input, limits, route, outcome }) => {
    const grammar = grammarOf(route);
    const outcomeOf = (chunks: Uint8Array[]): string[] => formatReading(read(chunks, grammar, limits), input.length);
    expect(outcomeOf([input])).toEqual(outcome);
    // The oracle knows no links between servers: tools/fuzz has one for them.
    if (from === "server" || from === "client")
      expect(formatReading(oracle(input, from, limits), input.length)).toEqual(outcome);
    expect(outcomeOf(Array.from(input, (byte) => Uint8Array.of(byte)))).toEqual(outcome);
    // Long inputs are cut in fewer places.
    const step = Math.max(1, Math.floor(input.length / 400));
    for (let cut = 1; cut < input.length; cut += step) {
      expect(outcomeOf([input.slice(0, cut), input.slice(cut)])).toEqual(outcome);
    }
  });
});
