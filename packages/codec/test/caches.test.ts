// SPDX-License-Identifier: Apache-2.0
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { type Prefix, PrefixCache } from "../src/encode/prefix-cache.ts";
import { Scanner, serverFrames } from "../src/index.ts";

// A cache hit shows in what is not done again: decoding bytes to strings, and encoding strings to bytes.
let intern: typeof import("../src/decode/intern.ts").intern;
const made = vi.spyOn(String, "fromCharCode");

beforeEach(async () => {
  vi.resetModules();
  ({ intern } = await import("../src/decode/intern.ts"));
});
afterEach(() => made.mockClear());

/** Returns the string, and how many decoder calls it took. */
function interned(name: string, hash = 7): [text: string | undefined, calls: number] {
  const bytes = latin1(`..${name}..`);
  made.mockClear();
  const text = intern(bytes, new DataView(bytes.buffer), 2, 2 + name.length, hash);
  return [text, made.mock.calls.length];
}

describe("Interned subjects", () => {
  it.each([1, 7, 8, 9, 16, 17, 63, 64])("are made once if they have %i bytes", (length) => {
    const name = "abcdefghijklmnopqrstuvwxyz".repeat(3).slice(0, length);
    const [first, calls] = interned(name);
    expect([first, calls > 0]).toEqual([name, true]);
    expect(interned(name)).toEqual([name, 0]);
  });

  it("have at most 64 bytes", () => {
    expect(interned("a".repeat(65))).toEqual([undefined, 0]);
  });

  it("have no flaw", () => {
    for (const name of ["a b", "a..b", ".a", "a.", "a\xff", "\x7f"]) expect(interned(name)[0]).toBeUndefined();
  });

  it("share a set of two: a third replaces the first", () => {
    for (const name of ["first.one", "second.one"]) interned(name);
    expect(interned("first.one")).toEqual(["first.one", 0]);
    expect(interned("second.one")).toEqual(["second.one", 0]);
    interned("third.one");
    expect(interned("second.one")).toEqual(["second.one", 0]);
    expect(interned("first.one")[1]).toBeGreaterThan(0);
  });

  it("are found by their hash", () => {
    // Twice, so that the subjects are not assumed to differ.
    for (let hash = 0; hash < 1024; hash++) for (let times = 0; times < 2; times++) interned(`subject.${hash}`, hash);
    for (let hash = 0; hash < 1024; hash++) expect(interned(`subject.${hash}`, hash)).toEqual([`subject.${hash}`, 0]);
  });

  it("are looked up for one in sixteen if all subjects differ", () => {
    const looked = Array.from({ length: 165 }, (_, i) => interned(`different.${i}`, i)[0] !== undefined);
    expect(looked.slice(0, 65).every(Boolean)).toBe(true);
    expect(looked.slice(65).filter(Boolean).length).toBeGreaterThan(4);
    expect(looked.slice(65).filter(Boolean).length).toBeLessThan(8);
  });

  it("are not looked up for an expected line", () => {
    const scanner = new Scanner(serverFrames);
    scanner.push(latin1("MSG orders.eu 1 2\r\nhi\r\n".repeat(6)));
    const calls = Array.from({ length: 6 }, () => {
      scanner.next();
      made.mockClear();
      expect(scanner.subject()).toBe("orders.eu");
      return made.mock.calls.length;
    });
    expect(calls.slice(1)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("Cached line prefixes", () => {
  const letters = vi.spyOn(String.prototype, "charCodeAt");
  afterAll(() => letters.mockRestore());
  const prefixes = (): PrefixCache => new PrefixCache("PUB ");
  /** Returns what the cache knows, and how many letters were checked for it. */
  const lookUp = (known: PrefixCache, subject: string): [prefix: Prefix | undefined, checked: number] => {
    letters.mockClear();
    return [known.get(subject), letters.mock.calls.length];
  };
  const textOf = ({ words, length }: { words: Float64Array; length: number }): string =>
    Buffer.from(words.buffer, 0, length).toString();

  it.each(["a", "abc", "abcd", "a.longer.subject", "é"])("contain the bytes of PUB, %s and a blank", (subject) => {
    expect(textOf(prefixes().get(subject)!)).toBe(`PUB ${subject} `);
  });

  it("are checked once", () => {
    const known = prefixes();
    const [first, checked] = lookUp(known, "abc");
    expect(checked).toBe(3);
    expect(lookUp(known, "abc")).toEqual([first, 0]);
    expect(known.get("b")).not.toBe(first);
    expect(lookUp(known, "abc")).toEqual([first, 0]);
  });

  it("have a valid subject", () => {
    const known = prefixes();
    for (let times = 0; times < 2; times++) expect(lookUp(known, "a b")).toEqual([undefined, 2]);
    expect(textOf(known.get("a.*.>.b")!)).toBe("PUB a.*.>.b ");
  });

  it("are made for one in sixty-four if all subjects differ", () => {
    const known = prefixes();
    const kept = Array.from({ length: 256 }, (_, i) => known.get(`s${i}`) !== undefined);
    expect(kept.slice(0, 64).every(Boolean)).toBe(true);
    expect(kept.slice(64).filter(Boolean).length).toBe(3);
  });

  it("are made for as many new subjects as hits pay for", () => {
    const known = prefixes();
    for (let i = 0; i < 64; i++) known.get(`s${i}`);
    // A subject that repeats needs no look-up, and pays nothing.
    for (let hits = 0; hits < 15; hits++) known.get(`s${hits % 2}`);
    for (let times = 0; times < 100; times++) known.get("s0");
    expect(known.get("too.early")).toBeUndefined();
    known.get("s1");
    expect(known.get("paid")).toBeDefined();
    expect(known.get("not.paid")).toBeUndefined();
  });

  it("are made for 64 new subjects after any number of hits", () => {
    const known = prefixes();
    for (let hits = 0; hits < 5000; hits++) known.get(`s${hits % 2}`);
    const kept = Array.from({ length: 100 }, (_, i) => known.get(`new.${i}`) !== undefined);
    expect(kept.indexOf(false)).toBe(64);
  });

  it("number at most 1,024", () => {
    const known = prefixes();
    const first = known.get("first");
    known.get("second");
    for (let i = 0; i < 1022; i++) {
      known.get(`s${i}`);
      for (let hits = 0; hits < 16; hits++) known.get(hits % 2 === 0 ? "first" : "second");
    }
    expect(known.get("first")).toBe(first);
    expect(known.get("one.more")).toBeDefined();
    expect(known.get("first")).not.toBe(first);
  });
});
