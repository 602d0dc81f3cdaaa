// SPDX-License-Identifier: Apache-2.0
import { matches } from "@natswire/codec";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isWithin,
  mayPublish,
  mayReceive,
  maySubscribe,
  needsFilter,
  overlaps,
  type Permissions,
  permissionsError,
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
  it("are within a wider pattern if it matches all their subjects", () => {
    const law = fc.property(pattern, pattern, (narrow, wide) => {
      const all = subjects.every((subject) => !matches(narrow, subject) || matches(wide, subject));
      expect(isWithin(narrow, wide)).toBe(all);
    });
    fc.assert(law, { numRuns: 2000 });
  });

  it("overlap if both match some subject", () => {
    const law = fc.property(pattern, pattern, (one, other) => {
      expect(overlaps(one, other)).toBe(subjects.some((subject) => matches(one, subject) && matches(other, subject)));
    });
    fc.assert(law, { numRuns: 2000 });
  });
});

describe("permissions", () => {
  it("allow everything by default, and nothing if the list is empty", () => {
    expect([mayPublish({}, "a"), maySubscribe({}, ">"), needsFilter({}, ">"), mayReceive({}, "a")]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    const nothing = { publish: { allow: [] }, subscribe: { allow: [] } };
    expect([mayPublish(nothing, "a"), maySubscribe(nothing, "a")]).toEqual([false, false]);
  });

  it("deny what both lists name", () => {
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
      false,
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

  it("keep denied messages from every subscription", () => {
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

  it.each([
    [{ publish: { allow: ["a.*"] }, subscribe: { deny: [">"] } }, undefined],
    [undefined, undefined],
    [null, "permissions must be an object, not null"],
    [{ publish: "a" }, 'permissions.publish must be an object, not "a"'],
    [{ subscribe: { allow: "a" } }, 'permissions.subscribe.allow must be an array, not "a"'],
    [
      { publish: { allow: ["a", "a..b"] } },
      'permissions.publish.allow[1] must be a valid subject or pattern, not "a..b"',
    ],
    [{ publish: { deny: ["a.>.b"] } }, 'permissions.publish.deny[0] must be a valid subject or pattern, not "a.>.b"'],
    [{ subscribe: { allow: [""] } }, 'permissions.subscribe.allow[0] must be a valid subject or pattern, not ""'],
    [
      { subscribe: { deny: ["a b c"] } },
      'permissions.subscribe.deny[0] must be a valid subject or pattern, not "a b c"',
    ],
    [{ publish: { deny: ["a b"] } }, 'permissions.publish.deny[0] must be a valid subject or pattern, not "a b"'],
    [{ allowResponses: 1 }, "permissions.allowResponses must be true, false or an object, not 1"],
    [{ allowResponses: null }, "permissions.allowResponses must be true, false or an object, not null"],
    [{ allowResponses: { max: 0 } }, "permissions.allowResponses.max must be a number above 0 or Infinity, not 0"],
    [
      { allowResponses: { expires: "2m" } },
      'permissions.allowResponses.expires must be a number above 0 or Infinity, not "2m"',
    ],
    [{ allowResponses: { ttl: 1 } }, 'unknown field "ttl" in permissions.allowResponses; the fields are max, expires'],
    [{ publsh: {} }, 'unknown field "publsh" in permissions; did you mean "publish"?'],
    [{ allow_responses: true }, 'unknown field "allow_responses" in permissions; did you mean "allowResponses"?'],
    [
      { allow: ["a"] },
      'unknown field "allow" in permissions; it belongs in permissions.publish or permissions.subscribe',
    ],
    [
      { publish: { allowResponses: true } },
      'unknown field "allowResponses" in permissions.publish; it belongs in permissions',
    ],
    [{ publish: { alow: [] } }, 'unknown field "alow" in permissions.publish; did you mean "allow"?'],
    [{ pattern: ["a"] }, 'unknown field "pattern" in permissions; the fields are publish, subscribe, allowResponses'],
    [
      { publish: { deny: ["a ".repeat(99)] } },
      `permissions.publish.deny[0] must be a valid subject or pattern, not "${"a ".repeat(31)}a…`,
    ],
  ])("are invalid if a rule is not a subject or pattern: %j", (permissions, error) => {
    expect(permissionsError(permissions)).toBe(error);
  });

  it.each([
    ["foo", undefined, true],
    ["foo", "v1", true],
    ["foo", "v2", false],
    ["foo", "v2.a.b", true],
    ["bar", undefined, false],
    ["bar", "a.dev", true],
    ["bar", "dev", false],
    ["baz", undefined, true],
    ["baz", "dev", true],
    ["baz", "prod", false],
    ["baz", "a.prod", false],
    ["wide.>", "q", false],
    ["wide.>", "r", true],
    ["wide.no", "r", false],
    ["wide.no", undefined, false],
    ["wide..a", undefined, false],
  ])("name the queue groups of a pattern: SUB %s %s → %s", (subject, queue, expected) => {
    const allow = ["foo", "foo v1", " foo  v2.> ", "bar *.dev", "baz", "wide.>"];
    const deny = ["baz prod", "baz *.prod", "wide.* q", "wide.no", "wide.no q2"];
    expect(permissionsError({ subscribe: { allow, deny } })).toBeUndefined();
    expect(maySubscribe({ subscribe: { allow, deny } }, subject, queue)).toBe(expected);
  });

  it("do not filter the messages of a denied queue group", () => {
    const permissions = { subscribe: { deny: ["wide.* q"] } };
    expect(["a", "wide.a"].map((subject) => mayReceive(permissions, subject))).toEqual([true, true]);
  });

  it("with responses allow nothing else, unless a list does", () => {
    const publish = { allow: ["log"] };
    const permitted = (permissions: Permissions): boolean[] => ["log", "x"].map((one) => mayPublish(permissions, one));
    expect(permitted({ allowResponses: true })).toEqual([false, false]);
    expect(permitted({ allowResponses: { max: 2 }, publish: { deny: ["x"] } })).toEqual([false, false]);
    expect(permitted({ allowResponses: true, publish })).toEqual([true, false]);
    expect(permitted({ allowResponses: false })).toEqual([true, true]);
  });
});
