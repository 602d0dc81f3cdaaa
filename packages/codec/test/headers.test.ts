// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { headers as anyHeaders } from "../src/arbitrary.ts";
import { decodeHeaders, encodeHeaders, isHeaderBlock, MsgHeaders, UsageError } from "../src/index.ts";
import { runs } from "./runs.ts";
import { transcripts } from "./transcript.ts";

const cases = transcripts(readFileSync(new URL("./vectors/headers.md", import.meta.url), "utf8"));
const two = latin1("NATS/1.0\r\nA: 1\r\nb-c: 2\r\nA: 3\r\na: 4\r\n\r\n");

describe("Header blocks", () => {
  it.each(cases.map((one) => [one.title, one] as const))("%s", (_, { input, outcome }) => {
    const read = decodeHeaders(input);
    const words = read === undefined ? ["malformed"] : [];
    if (read?.status !== undefined) words.push(`status ${read.status}`);
    if (read?.description !== undefined) words.push(`description ${read.description}`);
    for (const [name, value] of read ?? []) words.push(`${name}: ${value.replace("\0", "\\x00")}`);
    if (read !== undefined && read.skipped > 0) words.push(`skipped ${read.skipped}`);
    expect(words).toEqual(outcome);
  });

  it("decode to what was encoded", () => {
    const law = fc.property(anyHeaders, (headers) => {
      const back = decodeHeaders(encodeHeaders(headers));
      expect([...(back ?? [])]).toEqual([...headers]);
      expect([back?.status, back?.description]).toEqual([headers.status, headers.description]);
    });
    fc.assert(law, runs(5_000));
  });

  it("are read back whatever their size", () => {
    const many = new MsgHeaders(Array.from({ length: 20_000 }, (_, i) => [`name-${i}`, "x".repeat(i % 50)] as const));
    many.status = 503;
    many.description = "d".repeat(70_000);
    const block = encodeHeaders(many);
    expect(block.length).toBeGreaterThan(600_000);
    const back = decodeHeaders(block)!;
    expect([back.size, back.skipped, back.status, back.description]).toEqual([20_000, 0, 503, many.description]);
    expect([...back]).toEqual([...many]);
  });

  it("are undefined only if they do not begin with NATS/1.0, for any bytes", () => {
    const line = fc.constantFrom(
      "NATS/1.0",
      " 503",
      "\r\n",
      "\r\n\r\n",
      "A: b",
      "A",
      ":",
      " ",
      "\t",
      "\r",
      "\n",
      "\0",
      "\xff",
    );
    const law = fc.property(fc.array(line, { maxLength: 12 }), (parts) => {
      const block = latin1(`NATS/1.0${parts.join("")}`);
      const before = block.slice();
      const read = decodeHeaders(block)!;
      expect(block).toEqual(before);
      for (const [name] of read) expect(read.values(name).length).toBeGreaterThan(0);
      expect(read.raw).toBe(block);
      const other = latin1(parts.join(""));
      const isBlock = other.length === 0 || text(other).startsWith("NATS/1.0");
      expect([decodeHeaders(other) !== undefined, isHeaderBlock(other)]).toEqual([isBlock, isBlock]);
    });
    fc.assert(law, runs(10_000));
  });

  it("respect each limit at n - 1, n and n + 1", () => {
    expect([3, 4, 5].map((lines) => decodeHeaders(two, { lines })?.size)).toEqual([undefined, 4, 4]);
    const odd = latin1("NATS/1.0\r\nA\r\nB\r\n\r\n");
    expect([1, 2, 3].map((lines) => decodeHeaders(odd, { lines })?.skipped)).toEqual([undefined, 2, 2]);
    const { length } = two;
    expect([length - 1, length, length + 1].map((bytes) => decodeHeaders(two, { bytes })?.size)).toEqual([
      undefined,
      4,
      4,
    ]);
  });
});

describe("MsgHeaders", () => {
  it("finds names exactly, ignoring case, or in the canonical form", () => {
    const headers = decodeHeaders(two)!;
    expect([headers.get("A"), headers.get("a"), headers.get("x")]).toEqual(["1", "4", undefined]);
    expect(headers.values("A")).toEqual(["1", "3"]);
    expect(headers.values("a", "ignoreCase")).toEqual(["1", "3", "4"]);
    expect(headers.values("a", "canonical")).toEqual(["1", "3"]);
    expect([headers.has("B-C"), headers.has("B-C", "ignoreCase"), headers.has("b-c")]).toEqual([false, true, true]);
    expect(headers.size).toBe(4);
    expect(headers.raw).toBe(two);
  });

  it("sets at the first value, appends after the last, deletes all", () => {
    const headers = decodeHeaders(two)!;
    headers.set("A", "9");
    headers.append("content-type", "x", "canonical");
    headers.set("new", "y");
    expect([...headers].map((entry) => entry.join("="))).toEqual(["A=9", "b-c=2", "a=4", "Content-Type=x", "new=y"]);
    headers.set("b-c", "z", "canonical");
    headers.delete("A", "ignoreCase");
    expect([...headers].map((entry) => entry.join("="))).toEqual(["b-c=2", "Content-Type=x", "new=y", "B-C=z"]);
    expect(text(encodeHeaders(new MsgHeaders([["A", ""]])))).toBe("NATS/1.0\r\nA: \r\n\r\n");
  });

  it("treats __proto__ like any other name", () => {
    const headers = new MsgHeaders([["__proto__", "x"]]);
    expect(headers.get("__proto__")).toBe("x");
    expect(decodeHeaders(encodeHeaders(headers))?.get("__proto__")).toBe("x");
  });

  it.each<[string, (headers: MsgHeaders) => void]>([
    ["a name with a blank", (headers) => headers.append("a b", "")],
    ["an empty name", (headers) => headers.append("", "")],
    ["a name with a colon", (headers) => headers.set("a:", "")],
    ["a name that is not a string", (headers) => headers.append(1 as never, "")],
    ["a value with CR", (headers) => headers.append("a", "b\rc")],
    ["a value with LF", (headers) => headers.set("a", "b\nc")],
    ["a value with NUL", (headers) => headers.append("a", "\0")],
    ["a value with a lone surrogate", (headers) => headers.append("a", "\ud800")],
    ["a value with a blank at its end", (headers) => headers.append("a", "b ")],
    ["a value that is not a string", (headers) => headers.append("a", { toString: () => "x" } as never)],
    ["a status of four digits", (headers) => void encodeHeaders(Object.assign(headers, { status: 1000 }))],
    ["a negative status", (headers) => void encodeHeaders(Object.assign(headers, { status: -1 }))],
    ["half a status", (headers) => void encodeHeaders(Object.assign(headers, { status: 50.3 }))],
    ["a description without status", (headers) => void encodeHeaders(Object.assign(headers, { description: "x" }))],
    ["an empty description", (headers) => void encodeHeaders(Object.assign(headers, { status: 1, description: "" }))],
    [
      "a description with CR",
      (headers) => void encodeHeaders(Object.assign(headers, { status: 1, description: "\r" })),
    ],
  ])("rejects %s", (_, act) => {
    expect(() => act(new MsgHeaders())).toThrow(UsageError);
    expect(() => act(new MsgHeaders())).toThrow(expect.objectContaining({ code: "BAD_HEADER" }));
  });

  it("decodes a value that it rejects when encoding", () => {
    const headers = decodeHeaders(latin1("NATS/1.0\r\nA: b\0c\r\n\r\n"))!;
    expect(headers.get("A")).toBe("b\0c");
    expect(() => encodeHeaders(headers)).toThrow(UsageError);
  });
});

describe("A header line that cannot be read", () => {
  it.each<[what: string, block: string, kept: string[]]>([
    ["a lone LF in a value", "NATS/1.0\r\nA: b\nc\r\nD: e\r\n\r\n", ["D"]],
    ["a lone LF in the first line", "NATS/1.0 503 a\nb\r\nD: e\r\n\r\n", ["D"]],
    ["a lone CR and no other line end", "NATS/1.0\r\nA: b\rx\r\n", []],
    ["a lone CR after the version", "NATS/1.0\rxA: b\r\nD: e\r\n\r\n", ["D"]],
    ["a control byte in a name", "NATS/1.0\r\nC: d\r\nA\x01: b\r\n\r\n", ["C"]],
    ["DEL in a name", "NATS/1.0\r\nA\x7f: b\r\nD: e\r\n\r\n", ["D"]],
    ["a byte above ASCII in a name", "NATS/1.0\r\nA\x80: b\r\nD: e\r\n\r\n", ["D"]],
    ["a blank in a name", "NATS/1.0\r\nA : b\r\nD: e\r\n\r\n", ["D"]],
    ["no colon but in the next line", "NATS/1.0\r\nA\r\nB: c\r\n\r\n", ["B"]],
    ["no end of the block", "NATS/1.0\r\nA: b\r\n\r", ["A"]],
    ["a byte after the end", "NATS/1.0\r\nA: b\r\n\r\n\r", ["A"]],
    ["headers after the end", "NATS/1.0\r\n\r\nA: b\r\nC: d\r\n\r\n", []],
  ])("is skipped and counted, and the others stay: %s", (what, block, kept) => {
    const read = decodeHeaders(latin1(block))!;
    expect([...read].map(([name]) => name)).toEqual(kept);
    // The block without its end has two lines of that kind in one case: the value with CR, and the end.
    expect(read.skipped).toBe(what === "a lone CR and no other line end" ? 2 : 1);
    expect([read.status, read.description]).toEqual([undefined, undefined]);
  });

  it.each(["5", "50", "5031", "5O3", "+503", "-50", " 50 3", "٥٠٣", "503,", "0x1F7", "1e2", "503\0"])(
    "is one with a status that is not three digits: %j",
    (status) => {
      const block = new TextEncoder().encode(`NATS/1.0 ${status}\r\nA: b\r\n\r\n`);
      const read = decodeHeaders(block)!;
      expect([read.status, read.description, read.skipped, read.get("A")]).toEqual([undefined, undefined, 1, "b"]);
    },
  );

  it("is not reported for blanks around a value, which are removed", () => {
    const read = decodeHeaders(
      latin1("NATS/1.0 \t 503 \t No  Responders \t \r\nA: \t b c\t \r\nB:\r\nC: \t\r\nD:x\r\n\r\n"),
    )!;
    expect([read.status, read.description]).toEqual([503, "No  Responders"]);
    expect([...read]).toEqual([
      ["A", "b c"],
      ["B", ""],
      ["C", ""],
      ["D", "x"],
    ]);
    const blank = decodeHeaders(latin1("NATS/1.0 503 \t \r\n\r\n"))!;
    expect([blank.status, blank.description]).toEqual([503, undefined]);
    expect([read.skipped, blank.skipped]).toEqual([0, 0]);
    const bare = decodeHeaders(latin1("NATS/1.0 \t\r\n\r\n"))!;
    expect([bare.status, bare.description]).toEqual([undefined, undefined]);
  });
});

it("MsgHeaders are empty if made of nothing", () => {
  const headers = new MsgHeaders();
  const { size, status, description, raw, skipped } = headers;
  expect([size, [...headers], status, description, raw, skipped]).toEqual([0, [], undefined, undefined, undefined, 0]);
  expect(text(encodeHeaders(headers))).toBe("NATS/1.0\r\n\r\n");
});
