// SPDX-License-Identifier: Apache-2.0
import { matches } from "@natswire/codec";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isValidPermissions,
  isWithin,
  mayPublish,
  mayReceive,
  maySubscribe,
  needsFilter,
  overlaps,
} from "../../src/auth/permissions.ts";

const token = fc.constantFrom("a", "b", "*");
const pattern = fc
  .tuple(fc.array(token, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([tokens, full]) => [...tokens, ...(full ? [">"] : [])].join("."));
// Every subject of up to five tokens that these patterns can tell apart.
const level = (subjects: readonly string[]): string[] =>
  subjects.flatMap((s) => ["a", "b", "c"].map((t) => `${s}.${t}`));
const levels = [["a", "b", "c"]];
for (let i = 0; i < 4; i++) levels.push(level(levels[i]!));
const subjects = levels.flat();

describe("patterns", () => {
  it("one is within another where the other receives every subject that it receives", () => {
    const law = fc.property(pattern, pattern, (narrow, wide) => {
      const all = subjects.every((subject) => !matches(narrow, subject) || matches(wide, subject));
      expect(isWithin(narrow, wide)).toBe(all);
    });
    fc.assert(law, { numRuns: 2000 });
  });

  it("two overlap where some subject is received by both", () => {
    const law = fc.property(pattern, pattern, (one, other) => {
      expect(overlaps(one, other)).toBe(subjects.some((subject) => matches(one, subject) && matches(other, subject)));
    });
    fc.assert(law, { numRuns: 2000 });
  });
});

describe("permissions", () => {
  it("allow everything where there are none, and nothing where the list is empty", () => {
    expect([mayPublish({}, "a"), maySubscribe({}, ">"), needsFilter({}, ">"), mayReceive({}, "a")]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    const nothing = { publish: { allow: [] }, subscribe: { allow: [] } };
    expect([mayPublish(nothing, "a"), maySubscribe(nothing, "a")]).toEqual([false, false]);
  });

  it("deny wins", () => {
    const rules = { allow: ["a.>"], deny: ["a.b.*"] };
    const permissions = { publish: rules, subscribe: rules };
    expect(["a.x", "a.b", "a.b.c", "a.b.c.d", "b"].map((subject) => mayPublish(permissions, subject))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(["a.>", "a.b.>", "a.b.*", "a.b.c", "a.*", ">", "*.x"].map((one) => maySubscribe(permissions, one))).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
      false,
    ]);
    expect(["a.>", "a.b.>", "a.*", "a.*.c"].map((one) => needsFilter(permissions, one))).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(["a.b.c", "a.b", "a.b.c.d"].map((subject) => mayReceive(permissions, subject))).toEqual([false, true, true]);
  });

  it("nobody receives what is denied: a subscription is refused, filtered, or does not overlap", () => {
    const law = fc.property(
      fc.array(pattern, { maxLength: 3 }),
      fc.array(pattern, { maxLength: 3 }),
      pattern,
      (allow, deny, one) => {
        const permissions = { subscribe: { allow, deny } };
        if (!maySubscribe(permissions, one)) return;
        for (const subject of subjects.filter((subject) => matches(one, subject))) {
          expect(allow.some((allowed) => matches(allowed, subject))).toBe(true);
          const denied = deny.some((no) => matches(no, subject));
          expect(needsFilter(permissions, one) && !mayReceive(permissions, subject)).toBe(denied);
        }
      },
    );
    fc.assert(law, { numRuns: 500 });
  });

  it("with a rule that is no pattern are unsound", () => {
    expect(isValidPermissions({ publish: { allow: ["a.*"] }, subscribe: { deny: [">"] } })).toBe(true);
    expect(isValidPermissions({ publish: { allow: ["a..b"] } })).toBe(false);
    expect(isValidPermissions({ publish: { deny: ["a.>.b"] } })).toBe(false);
    expect(isValidPermissions({ subscribe: { allow: [""] } })).toBe(false);
    expect(isValidPermissions({ subscribe: { deny: ["a b"] } })).toBe(false);
  });
});
