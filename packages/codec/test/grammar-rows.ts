// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import type { Row } from "../src/grammar.ts";

const WORDS = ["RS+", "RS-", "LIST", "MSG", "HMSG", "-ERR", "A+", "NOTE", "LONGESTVERBTHEREIS", "+OK", "B"];
const NAMES = ["subject", "reply", "sid", "max", "account", "origin", "one", "two", "three"];
const ENDS = ["", "size", "headers-size size", "text", "json"];

const shape = fc.record({
  names: fc.shuffledSubarray(NAMES, { minLength: 5, maxLength: 5 }),
  numbers: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  before: fc.nat(2),
  optional: fc.constantFrom("none", "one", "both", "list", "marked"),
  after: fc.nat(1),
  end: fc.constantFrom(...ENDS),
  limit: fc.constantFrom(undefined, "line", "info" as const),
});

const line = shape.map(({ names, numbers, before, after, end, ...made }) => {
  const isText = end === "text" || end === "json";
  const optional = isText ? "none" : made.optional;
  const isList = optional === "list" || optional === "marked";
  const all = names
    .filter((name) => !(isText && name === "subject"))
    .map((name, i) => (!isList && numbers[i] === true ? `#${name}` : name));
  const first = all.splice(0, before);
  const inside = all.splice(0, { none: 0, one: 1, both: 2, list: 1, marked: 2 }[optional]);
  const last = optional === "none" ? [] : all.splice(0, after);
  const brackets = optional === "none" ? [] : [`[${inside.join(" ")}${isList ? "..." : ""}]`];
  return { line: [...first, ...brackets, ...last, end].filter((part) => part !== "").join(" "), limit: made.limit };
});

/** Generates the rows of a grammar. */
export const grammarRows: fc.Arbitrary<readonly Row[]> = fc
  .tuple(fc.shuffledSubarray(WORDS, { minLength: 1, maxLength: 6 }), fc.array(line, { minLength: 6, maxLength: 6 }))
  .map(([words, lines]) => words.map((word, i) => ({ word, ...lines[i]! })));
