// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { corpusOf } from "../src/corpus.ts";
import { unescaped } from "../src/escape.ts";
import { findingOf, formatFinding } from "../src/finding.ts";
import { targets } from "../src/targets.ts";
import * as underTest from "../src/under-test.ts";

/** Checks all laws of a target for an escaped input. */
function holds(target: string, input: string): void {
  const finding = findingOf(target, targets[target]!.laws(underTest), unescaped(input));
  expect(finding && formatFinding(finding)).toBeUndefined();
}

describe("Corpus", () => {
  it.each(Object.keys(targets).filter((name) => corpusOf(name).length > 0))("keeps all laws of %s", (name) => {
    const laws = targets[name]!.laws(underTest);
    const findings = corpusOf(name).map((input) => findingOf(name, laws, input));
    expect(findings.flatMap((finding) => (finding === undefined ? [] : [formatFinding(finding)]))).toEqual([]);
  });
});

describe("Earlier findings", () => {
  it("measure a line by the limit of the verb it could be", () =>
    holds("decoder-server-frames", 'INFO655a6R_i"ab.+OK","max_payloae":20 005}\\r\\n'));
  it("reject an UNSUB with max -0", () => holds("encoder", "\\xbba0\\x1f-0"));
});
