// SPDX-License-Identifier: Apache-2.0
import * as codec from "@natswire/codec";
import { Decoder, serverFrames } from "@natswire/codec";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withBundle } from "../src/bundle.ts";
import { Coverage } from "../src/coverage.ts";
import { escaped, unescaped } from "../src/escape.ts";
import { LawBroken } from "../src/finding.ts";
import { framesOf } from "../src/frame-parts.ts";
import { Fuzzer } from "../src/fuzzer.ts";
import { latin1 } from "../src/latin1.ts";
import { minimise, type Parts } from "../src/minimise.ts";
import { Random } from "../src/random.ts";
import { stream } from "../src/stream.ts";

const a = (): Uint8Array => latin1("a");
const maze = new URL("targets/maze.mjs", import.meta.url).pathname;

describe("escaped", () => {
  it("is reversible for any bytes", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void expect(unescaped(escaped(bytes))).toEqual(bytes)));
  });
});

describe("Fuzzer", () => {
  const nothing = { laws: () => {}, generate: a };

  it("generates the same inputs for the same seed", () => {
    const tried = [1, 1, 2].map((seed) => {
      const subject = { ...nothing, generate: (random: Random) => stream(codec, "server", random) };
      const fuzzer = new Fuzzer(subject, new Random(seed), [latin1("PING\r\n")]);
      return Array.from({ length: 50 }, () => escaped(fuzzer.next())).join("\n");
    });
    expect(tried[0]).toBe(tried[1]);
    expect(tried[0]).not.toBe(tried[2]);
  });

  it("solves nested conditions by coverage, and minimises the input", async () => {
    await withBundle(maze, true, async (module) => {
      const { default: laws } = (await import(module)) as { default: (bytes: Uint8Array) => void };
      const fuzzer = new Fuzzer({ laws, generate: a }, new Random(7), [], new Coverage());
      for (let i = 0; i < 200_000 && fuzzer.findings.size === 0; i++) await fuzzer.try(fuzzer.next());
      expect([...fuzzer.findings.values()].map(({ input }) => escaped(input))).toEqual(["MSG 9"]);
    });
  });

  it("reports a target that is not deterministic", async () => {
    let calls = 0;
    const laws = (): void => {
      if (calls++ === 0) throw new LawBroken("once");
    };
    const finding = await new Fuzzer({ laws, generate: a }, new Random(1), []).try(a());
    expect(finding?.law).toBe("the same input gives the same result every time");
  });

  it("tries no more smaller inputs than `tries`", async () => {
    let calls = 0;
    const laws = ({ length }: Uint8Array): void => {
      calls++;
      if (length === 1000) throw new LawBroken("only whole");
    };
    await new Fuzzer({ laws, generate: a, tries: 3 }, new Random(1), []).try(latin1("x".repeat(1000)));
    // The input, once more to see that it is steady, and three smaller ones.
    expect(calls).toBe(5);
  });

  it("reports each law and place once, and counts the inputs", async () => {
    const laws = async ([first]: Uint8Array): Promise<void> => {
      const isEven = first! % 2 === 0;
      throw new LawBroken(isEven ? "even" : "odd", "", first! > 4 ? { place: "high" } : {});
    };
    const fuzzer = new Fuzzer({ laws, generate: a }, new Random(1), []);
    for (let byte = 1; byte < 9; byte++) await fuzzer.try(Uint8Array.of(byte));
    expect([...fuzzer.findings.keys()].sort()).toEqual(["even", "even (high)", "odd", "odd (high)"]);
    expect([...fuzzer.counts.values()]).toEqual([2, 2, 2, 2]);
  });
});

describe("minimise", () => {
  const least = async (input: string, breaks: (text: string) => boolean, parts?: Parts): Promise<string> =>
    escaped(await minimise(latin1(input), async (bytes) => breaks(escaped(bytes)), parts));

  it("keeps only what breaks the law, in the plainest bytes", async () => {
    expect(await least("xxxxMxxxxxxxxSxxxx\xff", (text) => /M.*S/.test(text))).toBe("MS");
    const made = await minimise(latin1("zz\x01z"), async ({ length }) => length === 3 || length === 4);
    expect(escaped(made)).toBe("aaa");
  });

  it("removes whole parts before single bytes", async () => {
    const sizes: number[] = [];
    const split = (bytes: Uint8Array): Uint8Array[] => {
      return [bytes.slice(0, 3), bytes.slice(3, 12), bytes.slice(12, 14), bytes.slice(14)];
    };
    const breaks = async (bytes: Uint8Array): Promise<boolean> => {
      sizes.push(bytes.length);
      return escaped(bytes).includes("cc");
    };
    const made = await minimise(latin1("aaabbbbbbbbbccdd"), breaks, { split, plainer: () => [] });
    expect(escaped(made)).toBe("cc");
    // Without the first two parts, without the last two, without one of those, without the other.
    expect(sizes.slice(0, 4)).toEqual([4, 0, 2, 2]);
  });

  it("shortens the payload of a message together with its size", async () => {
    const message = "PING\r\nHMSG A 1 r 12 20\r\nNATS/1.0\r\n\r\nababcdcd\r\nPONG\r\n";
    const isWhole = (text: string): boolean => {
      const decoder = new Decoder(serverFrames);
      decoder.push(unescaped(text));
      try {
        return [...decoder].some((frame) => frame.op === "msg" && frame.reply === "r");
      } catch {
        return false;
      }
    };
    expect(await least(message, isWhole, framesOf(serverFrames))).toBe("MSG a 0 r 0\\n\\r\\n");
  });
});
