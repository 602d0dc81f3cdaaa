// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { escaped, unescaped } from "../../../packages/fuzz/src/escape.ts";
import { corpusOf } from "../src/corpus.ts";
import { targets } from "../src/targets.ts";
import * as underTest from "../src/under-test.ts";

/** Checks all laws of a target for an escaped input. */
function holds(target: string, input: string): void {
  expect(brokenBy(targets[target]!.laws(underTest), unescaped(input))).toBeUndefined();
}

/** Returns the law that an input breaks, and why. */
function brokenBy(laws: (input: Uint8Array) => void, input: Uint8Array): string | undefined {
  try {
    laws(input);
    return undefined;
  } catch (error) {
    return `${escaped(input)}: ${String(error)}`;
  }
}

describe("Corpus", () => {
  it.each(Object.keys(targets).filter((name) => corpusOf(name).length > 0))("keeps all laws of %s", (name) => {
    const laws = targets[name]!.laws(underTest);
    const broken = corpusOf(name).map((input) => brokenBy(laws, input));
    expect(broken.filter((one) => one !== undefined)).toEqual([]);
  });
});

describe("Earlier findings", () => {
  it("measure a line by the limit of the verb it could be", () =>
    holds("decoder-server-frames", 'INFO655a6R_i"ab.+OK","max_payloae":20 005}\\r\\n'));
  it("reject an UNSUB with max -0", () => holds("encoder", "\\xbba0\\x1f-0"));
});
