// SPDX-License-Identifier: Apache-2.0
import { matches } from "@natswire/codec";
import { pattern, subject } from "@natswire/codec/arbitrary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SubjectTree } from "../src/subject-tree.ts";

describe("a subject tree", () => {
  it("finds exactly the patterns that match and were not removed", () => {
    const law = fc.property(
      fc.uniqueArray(fc.oneof(pattern, subject), { maxLength: 20 }),
      subject,
      fc.nat(),
      (patterns, published, seed) => {
        const tree = new SubjectTree<string>();
        for (const one of patterns) tree.insert(one, one);
        const gone = patterns.filter((_, i) => ((seed >> i) & 1) === 1);
        for (const one of gone) tree.remove(one, one);
        tree.remove("never.inserted", "x");
        const target = patterns[0]?.replaceAll(/(?<=^|\.)[*>](?=\.|$)/g, "x") ?? published;
        const found: string[] = [];
        tree.match(target, (one) => found.push(one));
        expect(found.sort()).toEqual(patterns.filter((one) => !gone.includes(one) && matches(one, target)).sort());
      },
    );
    fc.assert(law, { numRuns: 3000 });
  });

  it.each(["a.*", "a.>", "*", ">"])("finds a pattern once if the subject is spelled like it: %s", (text) => {
    const tree = new SubjectTree<string>();
    tree.insert(text, text);
    const found: string[] = [];
    tree.match(text, (one) => found.push(one));
    expect(found).toEqual([text]);
  });
});
