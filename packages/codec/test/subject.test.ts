// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pattern, subject } from "../src/arbitrary.ts";
import { isInboxPrefix, isPattern, isQueue, isRelayable, isSubject, matches } from "../src/index.ts";
import { runs } from "./runs.ts";

describe("Subjects", () => {
  it.each([
    // subject, isSubject, isPattern, isRelayable
    ["foo", true, true, true],
    ["foo.bar", true, true, true],
    ["café.\u{1f600}", true, true, true],
    ["foo*.>x.**", true, true, true],
    ["*", false, true, true],
    [">", false, true, true],
    ["a.*.b.>", false, true, true],
    ["a.>.b", false, false, true],
    ["", false, false, false],
    [".", false, false, false],
    ["a..b", false, false, false],
    [".a", false, false, false],
    ["a.", false, false, false],
    ["a b", false, false, false],
    ["a\tb", false, false, false],
    ["a\r\nb", false, false, false],
    ["a\0", false, false, false],
    ["a\x7f", false, false, false],
    ["a\ud800", false, false, false],
    [Object("foo"), false, false, false],
    [undefined, false, false, false],
  ])("are classified: %j", (name, ...expected) => {
    expect([isSubject(name), isPattern(name), isRelayable(name)]).toEqual(expected);
    expect(isInboxPrefix(name)).toBe(expected[0]);
  });

  it.each([
    ["q", true],
    ["a..*.>.", true],
    ["é", true],
    ["", false],
    ["a b", false],
    ["\x7f", false],
    ["\udfff", false],
    [1, false],
  ])("tell whether %j can be a queue group", (name, expected) => {
    expect(isQueue(name as string)).toBe(expected);
  });

  it.each([
    ["foo", "foo", true],
    ["foo", "fox", false],
    ["foo", "foo.bar", false],
    ["foo.bar", "foo", false],
    ["*", "foo", true],
    ["*", "foo.bar", false],
    ["foo.*", "foo.bar", true],
    ["*.bar", "foo.bar", true],
    [">", "foo.bar", true],
    ["foo.>", "foo", false],
    ["foo.>", "foo.a.b", true],
    ["foo*", "foox", false],
    ["foo*", "foo*", true],
    ["foo", "*", false],
    ["*", "*", true],
    ["foo.>", "foo.>", true],
    ["a..b", "a..b", false],
    [">", "a..b", false],
    ["a.>.b", "a.x.b", false],
  ])("are matched: %s with %s is %s", (wanted, published, expected) => {
    expect(matches(wanted, published)).toBe(expected);
  });

  it("match like a regular expression made of the pattern", () => {
    const literally = (token: string): string => token.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
    const law = fc.property(pattern, subject, fc.boolean(), (wanted, other, derive) => {
      const published = derive ? wanted.replaceAll(/(?<=^|\.)[*>](?=\.|$)/g, "x") : other;
      const tokens = wanted
        .split(".")
        .map((token) => (token === "*" ? "[^.]+" : token === ">" ? ".+" : literally(token)));
      expect(matches(wanted, published)).toBe(new RegExp(`^${tokens.join("\\.")}$`).test(published));
    });
    fc.assert(law, runs(10_000));
  });
});

it("A name with a lone surrogate is never valid", () => {
  for (const name of ["\ud800", "\udc00", "\ud800.\udbff", "é\ud800"]) {
    expect([isSubject(name), isPattern(name), isRelayable(name), isQueue(name)], name).toEqual([
      false,
      false,
      false,
      false,
    ]);
  }
  expect([isSubject("é"), isSubject("😀.€"), isQueue("\x80")]).toEqual([true, true, true]);
});

it("A * or > is a wildcard only if it is a whole token", () => {
  for (const [pattern, subject] of [
    ["*x", "ab"],
    [">x.y", "ab.y"],
    ["a.*b", "a.cb"],
    ["**", "a"],
    [">>", "a"],
  ] as const) {
    expect(matches(pattern, subject), pattern).toBe(false);
    expect(matches(pattern, pattern), pattern).toBe(true);
  }
});
