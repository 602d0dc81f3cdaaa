// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { Carry } from "../src/decode/carry.ts";
import { ControlLine } from "../src/decode/control-line.ts";
import { LastLine } from "../src/decode/last-line.ts";
import { clientFrames, type Grammar, type Limits, Scanner, serverFrames } from "../src/index.ts";

// A frame that misses the fast path is decoded all the same. What differs is the work: lines read by every rule, predictions
// that hit, chunks that are searched.
const byRule = vi.spyOn(ControlLine.prototype, "read");
const start = vi.spyOn(LastLine.prototype, "isAt");
const whole = vi.spyOn(LastLine.prototype, "endsAt");
const looked = vi.spyOn(Carry.prototype, "length", "get");
afterEach(() => vi.clearAllMocks());

const hits = (spy: typeof start | typeof whole): number =>
  spy.mock.results.filter(({ value }) => value === true).length;

/** Scans chunks one by one, and returns the number of frames. */
function scan(chunks: readonly string[], from: "server" | "client" = "server", limits: Partial<Limits> = {}): number {
  const scanner = new Scanner((from === "server" ? serverFrames : clientFrames) as Grammar<unknown>, limits);
  let frames = 0;
  for (const chunk of chunks) {
    scanner.push(latin1(chunk));
    while (scanner.next() !== 0) frames++;
  }
  return frames;
}

describe("Fast path of the scanner", () => {
  it.each<[what: string, bytes: string, from?: "server" | "client", limits?: Partial<Limits>]>([
    ["the shortest frame there is", "PUB a 0\r\n\r\n", "client"],
    ["the shortest message", "MSG a 1 0\r\n\r\n"],
    ["digits from 0 to 9 in the sid", "MSG a 190 1\r\nx\r\n"],
    ["a sid of nine digits", "MSG a 999999999 1\r\nx\r\n"],
    ["a sid of one", "MSG a 0 1\r\nx\r\n"],
    ["digits from 0 to 9 in the size", `MSG a 1 109\r\n${"x".repeat(109)}\r\n`],
    ["a size of nine digits", "MSG a 1 000000001\r\nx\r\n"],
    ["a reply", "MSG a 1 b 1\r\nx\r\n"],
    ["a reply that is a number", "MSG a 1 90 1\r\nx\r\n"],
    ["a reply of ten digits", "MSG a 1 1234567890 1\r\nx\r\n"],
    ["a reply that begins with digits", "MSG a 1 90bcdefgh 1\r\nx\r\n"],
    ["replies of every length to 9", "bcdefghij".replace(/./g, (_, i) => `MSG a 1 ${"bcdefghij".slice(i)} 1\r\nx\r\n`)],
    ["headers", "HMSG a 1 12 13\r\nNATS/1.0\r\n\r\nx\r\n"],
    ["headers and a reply", "HMSG a 1 b 12 13\r\nNATS/1.0\r\n\r\nx\r\n"],
    ["headers of no bytes", "HMSG a 1 0 1\r\nx\r\n"],
    ["headers and nothing else", "HMSG a 1 12 12\r\nNATS/1.0\r\n\r\n\r\n"],
    ["headers of a client", "HPUB a b 12 13\r\nNATS/1.0\r\n\r\nx\r\n", "client"],
    ["a line as long as the limit", "MSG a 1 1\r\nx\r\n", "server", { line: 9 }],
    ["a payload as large as the limit", "MSG a 1 9\r\n123456789\r\n", "server", { payload: 9 }],
    ["subjects of every length to 9", "abcdefghi".replace(/./g, (_, i) => `MSG ${"abcdefghi".slice(i)} 1 1\r\nx\r\n`)],
    ["the same line again and again", "MSG orders.eu 17 2\r\nhi\r\n".repeat(6)],
    ["a frame after another in one chunk", "MSG a 1 1\r\nx\r\nMSG b 2 1\r\ny\r\nMSG a 1 0\r\n\r\n"],
  ])("reads %s", (_, bytes, from, limits) => {
    expect(scan([bytes], from, limits)).toBeGreaterThan(0);
    expect(byRule).not.toHaveBeenCalled();
  });

  it("rereads a body in pieces only where it may be wrong", () => {
    expect(scan(["MSG a 1 100\r\n", "x".repeat(50), "x".repeat(49), "x", "\r", "\nMSG a"])).toBe(1);
    // Once, for the five letters of the next line.
    expect(byRule).toHaveBeenCalledTimes(1);
  });

  it("rereads a line in pieces only until its verb is there", () => {
    expect(scan([..."MSG orders.eu 17 5\r\nhello\r\n"])).toBe(1);
    expect(byRule.mock.calls.length).toBeLessThanOrEqual(5);
  });
});

describe("Line prediction of the scanner", () => {
  it("expects the start of the third line and all of the fourth", () => {
    scan(["MSG orders.eu 17 2\r\nhi\r\n".repeat(6)]);
    expect([hits(start), hits(whole)]).toEqual([4, 3]);
  });

  it("expects only the start if the sizes differ", () => {
    scan(["MSG orders.eu 17 1\r\nx\r\nMSG orders.eu 17 2\r\nhi\r\n".repeat(3)]);
    expect([hits(start), hits(whole)]).toEqual([4, 0]);
  });

  it("expects only the start if there is a reply", () => {
    scan(["MSG orders.eu 17 b 2\r\nhi\r\n".repeat(6)]);
    expect([hits(start), hits(whole)]).toEqual([4, 0]);
  });

  it("works with headers", () => {
    scan(["HMSG orders.eu 17 12 13\r\nNATS/1.0\r\n\r\nx\r\n".repeat(6)]);
    expect([hits(start), hits(whole)]).toEqual([4, 3]);
  });

  it("expects nothing if two lines alternate", () => {
    scan(["MSG orders.eu 17 2\r\nhi\r\nMSG orders.us 18 2\r\nhi\r\n".repeat(4)]);
    expect(hits(start)).toBe(0);
    expect(start).not.toHaveBeenCalled();
  });

  it("works at any place in a chunk", () => {
    scan(["PING\r\n", "MSG orders.eu 17 2\r\nhi\r\n".repeat(3), `PONG\r\n${"MSG orders.eu 17 2\r\nhi\r\n".repeat(3)}`]);
    expect([hits(start), hits(whole)]).toEqual([4, 3]);
  });
});

describe("Scanner, for a chunk that decides nothing,", () => {
  it("skips a body up to its last two bytes", () => {
    scan(["MSG a 1 100\r\n"]);
    const before = looked.mock.calls.length;
    vi.clearAllMocks();
    scan(["MSG a 1 100\r\n", ...Array.from({ length: 50 }, () => "xx")]);
    expect(looked.mock.calls.length).toBe(before);
  });

  it("skips a line until it ends or is too long", () => {
    scan(["MSG a"], "server", { line: 40 });
    const before = looked.mock.calls.length;
    vi.clearAllMocks();
    scan(["MSG a", ..."bcdefghijklmnopqrstuvwxyz 1 b 1"], "server", { line: 40 });
    expect(looked.mock.calls.length).toBe(before);
    vi.clearAllMocks();
    scan(["MSG a", "b".repeat(35)], "server", { line: 40 });
    expect(looked.mock.calls.length).toBe(before);
  });
});
