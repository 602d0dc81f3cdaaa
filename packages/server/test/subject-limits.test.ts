// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { defaults } from "../src/index.ts";
import { limitViolation } from "../src/subject-limits.ts";

const limits = { ...defaults, random: () => {} };

describe("a limit of subjects", () => {
  // The bytes in UTF-8; each half of a surrogate pair counts two.
  it.each([
    ["a", 1],
    ["a.b", 3],
    ["\u007f", 1],
    ["\u0080", 2],
    ["\u07ff", 2],
    ["\u0800", 3],
    ["\ud7ff", 3],
    ["\ue000", 3],
    ["日本", 6],
    ["😀", 4],
  ])("accepts %j of %i bytes, and not one byte less", (subject, bytes) => {
    expect(limitViolation(subject, { ...limits, maxSubject: bytes })).toBe(undefined);
    expect(limitViolation(subject, { ...limits, maxSubject: bytes - 1 })).toBe("too long");
  });

  it.each([
    ["a", 1],
    ["a.b", 2],
    ["aaa.bbb.ccc", 3],
  ])("accepts %j with %i tokens, and not with one less", (subject, tokens) => {
    expect(limitViolation(subject, { ...limits, maxTokens: tokens })).toBe(undefined);
    expect(limitViolation(subject, { ...limits, maxTokens: tokens - 1 })).toBe("too many tokens");
  });
});
