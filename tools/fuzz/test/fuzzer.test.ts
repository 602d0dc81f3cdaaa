// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { latin1 } from "../../testkit/latin1.ts";
import { Random } from "../../testkit/random.ts";
import { bundled, Coverage } from "../src/coverage.ts";
import { escaped, unescaped } from "../src/escape.ts";
import { findingOf, formatFinding, LawBroken } from "../src/finding.ts";
import { type Foreign, foreignTarget } from "../src/foreign.ts";
import { Fuzzer } from "../src/fuzzer.ts";
import { everyInput } from "../src/laws/exhaustive.ts";
import { minimise } from "../src/minimise.ts";
import { targets, targetsNamed } from "../src/targets.ts";
import * as codec from "../src/under-test.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));

const a = (): Uint8Array => latin1("a");

describe("escaped", () => {
  it("is reversible for any bytes", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void expect(unescaped(escaped(bytes))).toEqual(bytes)));
  });
});

describe("Fuzzer", () => {
  const nothing = { name: "none", laws: () => {}, generate: a };

  it("generates the same inputs for the same seed", () => {
    const tried = [1, 1, 2].map((seed) => {
      const target = { ...nothing, generate: (random: Random) => targets["encoder"]!.generate(codec, random) };
      const fuzzer = new Fuzzer(target, new Random(seed), [latin1("PING\r\n")]);
      return Array.from({ length: 50 }, () => escaped(fuzzer.next())).join("\n");
    });
    expect(tried[0]).toBe(tried[1]);
    expect(tried[0]).not.toBe(tried[2]);
  });

  it("solves nested conditions by coverage, and minimises the input", async () => {
    const file = join(folder, "maze.mjs");
    const letters = ["M", "S", "G", " ", "9"].map((letter, i) => `if (b[${i}] === ${letter.charCodeAt(0)})`);
    writeFileSync(
      file,
      `export function maze(b) { ${letters.join(" { ")} throw new Error("out")${" }".repeat(letters.length)} `,
    );
    const instrumented = join(folder, "instrumented.mjs");
    writeFileSync(instrumented, await bundled(file, true));
    const { maze } = (await import(pathToFileURL(instrumented).href)) as { maze: (bytes: Uint8Array) => void };
    const fuzzer = new Fuzzer({ name: "maze", laws: maze, generate: a }, new Random(7), [], new Coverage());
    for (let i = 0; i < 200_000 && fuzzer.findings.size === 0; i++) fuzzer.try(fuzzer.next());
    expect([...fuzzer.findings.values()].map(({ input }) => escaped(input))).toEqual(["MSG 9"]);
  });

  it("reports a target that is not deterministic", () => {
    let calls = 0;
    const laws = (): void => {
      if (calls++ === 0) throw new LawBroken("once");
    };
    const finding = new Fuzzer({ name: "moody", laws, generate: a }, new Random(1), []).try(a());
    expect(finding?.law).toBe("the same input gives the same result every time");
  });

  it("reports each law once", () => {
    const laws = ([first]: Uint8Array): void => {
      throw new LawBroken(first! % 2 === 0 ? "even" : "odd");
    };
    const fuzzer = new Fuzzer({ name: "parity", laws, generate: a }, new Random(1), []);
    for (let byte = 1; byte < 9; byte++) fuzzer.try(Uint8Array.of(byte));
    expect([...fuzzer.findings.keys()].sort()).toEqual(["even", "odd"]);
  });
});

describe("minimise", () => {
  it("keeps only what breaks the law, in the plainest bytes", () => {
    const least = minimise(latin1("xxxxMxxxxxxxxSxxxx\xff"), (input) => /M.*S/.test(escaped(input)));
    expect(escaped(least)).toBe("MS");
    expect(escaped(minimise(latin1("zz\x01z"), (input) => input.length === 3 || input.length === 4))).toBe("aaa");
  });
});

describe("A finding", () => {
  it("is printed with a test case and a command", () => {
    const finding = { target: "decoder-server-frames", law: "a law", detail: "why", input: latin1("MSG 'a'\r\n\\") };
    expect(formatFinding(finding)).toContain(
      `it("a law", () => holds("decoder-server-frames", "MSG 'a'\\\\r\\\\n\\\\x5c"));`,
    );
    expect(formatFinding(finding)).toContain(`--input 'MSG '\\''a'\\''\\r\\n\\x5c'`);
  });

  it.each([
    ["", "headers: a law\nas a test case"],
    ["why", "headers: a law\n    why\nas a test case"],
  ])("states its law once, and the detail %j below it", (detail, head) => {
    const broken = (): never => {
      throw new LawBroken("a law", detail);
    };
    expect(formatFinding(findingOf("headers", broken, latin1(""))!).startsWith(head)).toBe(true);
  });
});

describe("The --target option", () => {
  it("names one target, several with the same prefix, or a file", () => {
    expect(targetsNamed("decoder")).toEqual(["decoder-server-frames", "decoder-client-frames"]);
    expect(targetsNamed("./my-parser.mjs")).toEqual([]);
  });

  it("rejects the old names of the decoder targets", () => {
    expect(() => targetsNamed("decoder-client")).toThrow('write "decoder-server-frames"');
  });
});

describe("Exhaustive inputs", () => {
  it("are generated once each", () => {
    const seen = new Set(Array.from({ length: 2000 }, (_, i) => escaped(everyInput.at(i))));
    expect([everyInput.count, seen.size]).toEqual([2_171_624, 2000]);
    expect(everyInput.at(everyInput.count - 1).length).toBe(6);
  });
});

describe("A parser under test", () => {
  const laws = (parse: Foreign["default"]): ((input: Uint8Array) => void) =>
    foreignTarget({ from: "server", default: parse }).laws(codec);
  const lawBroken = (parse: Foreign["default"], input: string): string | undefined =>
    findingOf("theirs", laws(parse), latin1(input))?.law;
  const pings = (chunks: readonly Uint8Array[]): number =>
    escaped(Buffer.concat(chunks)).split("PING\\r\\n").length - 1;
  const frames = (count: number): { op: string }[] => Array.from({ length: count }, () => ({ op: "ping" }));

  it("keeps the laws if it reads like the oracle", () => {
    expect(lawBroken((chunks) => ({ frames: frames(pings(chunks)) }), "PING\r\nPING\r\n")).toBeUndefined();
  });

  it.each<[string, string, Foreign["default"]]>([
    [
      "what violates the protocol is rejected: UNKNOWN_VERB",
      "PING\r\nx",
      (chunks) => ({ frames: frames(pings(chunks)) }),
    ],
    ["what a correct peer sends is not rejected", "PING\r\n", () => ({ frames: [], error: "no" })],
    ["what a correct peer sends is decoded as by the oracle", "PING\r\n", () => ({ frames: [] })],
    ["the frames before a fault are delivered", "PING\r\nx", () => ({ frames: [], error: "no" })],
    [
      "every chunking gives the same frames, code and offset",
      "PING\r\nPING\r\n",
      (chunks) => ({ frames: frames(chunks.length === 1 ? 2 : 0) }),
    ],
  ])("breaks the law: %s", (law, input, parse) => {
    expect(lawBroken(parse, input)).toBe(law);
  });

  it("must export a sender and a function", () => {
    expect(() => foreignTarget({ from: "server" } as Foreign)).toThrow("default export");
    expect(() => foreignTarget({ default: () => ({ frames: [] }) } as unknown as Foreign)).toThrow("export `from`");
  });

  it("may differ for a reason, which is counted", () => {
    const target = foreignTarget({ from: "server", default: () => ({ frames: [] }), allowed: () => "it is deaf" });
    target.laws(codec)(latin1("PING\r\n"));
    expect(target.notes?.()).toEqual({ "it is deaf": 1 });
  });
});
