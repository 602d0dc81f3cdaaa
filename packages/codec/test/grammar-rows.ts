// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { payload } from "../src/arbitrary.ts";
import type { Row } from "../src/grammar.ts";

type Frame = Readonly<Record<string, unknown>>;

const WORDS = ["RS+", "RS-", "LIST", "MSG", "HMSG", "-ERR", "A+", "NOTE", "LONGESTVERBTHEREIS", "+OK", "B"];
const NAMES = ["subject", "reply", "sid", "max", "account", "origin", "one", "two", "three"];

/** An argument, and the values that it can have. */
interface Argument {
  readonly text: string;
  readonly value: fc.Arbitrary<unknown>;
}

const token = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.string({ unit: fc.constantFrom(..."MSGPINGab09.*>+|-é€\u{1f600}"), minLength: 1, maxLength: 8 }),
  },
  { weight: 1, arbitrary: fc.constantFrom("+", "|", "0", "PING", "a..b", "x".repeat(70)) },
);
// What a decoder makes of bytes that no name has.
const flawed = fc.constantFrom("\0", "a\x01", "\x7f", "\udcff", "caf\udcc3", "\x0b");

function argument(name: string, isNumber: boolean): Argument {
  if (!isNumber) return { text: name, value: token };
  const max = name === "sid" ? 999_999_999_999_999 : 999_999_999;
  return { text: `#${name}`, value: fc.oneof(fc.constantFrom(0, max), fc.integer({ min: 0, max })) };
}

const words = /^(?![ \t]).*[^ \t]$/s;
const ends: readonly (readonly [string, Readonly<Record<string, fc.Arbitrary<unknown>>>])[] = [
  ["", {}],
  ["size", { payload }],
  ["headers-size size", { headers: payload, payload }],
  [
    "text",
    { text: fc.string({ unit: fc.constantFrom(..."ab \t'.é"), minLength: 1 }).filter((text) => words.test(text)) },
  ],
  [
    "json",
    { json: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value)) as object) },
  ],
];

/** A row, and the frames that it describes. */
export interface RowFrames {
  readonly row: Row;
  readonly frame: fc.Arbitrary<Frame>;
}

const shape = fc.record({
  names: fc.shuffledSubarray(NAMES, { minLength: 5, maxLength: 5 }),
  numbers: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  before: fc.nat(2),
  optional: fc.constantFrom("none", "one", "both", "list"),
  after: fc.nat(1),
  end: fc.constantFrom(...ends),
  limit: fc.constantFrom(undefined, "line", "info" as const),
});

const oneRow = shape.map((made) => {
  const [line, last] = made.end;
  const isText = line === "text" || line === "json";
  const optional = isText ? "none" : made.optional;
  const all = made.names
    .filter((name) => !(isText && name === "subject"))
    .map((name, i) => argument(name, optional !== "list" && made.numbers[i] === true));
  const before = all.splice(0, made.before);
  const inside = all.splice(0, { none: 0, one: 1, both: 2, list: 1 }[optional]);
  const after = optional === "none" ? [] : all.splice(0, made.after);
  const brackets = inside.map(({ text }) => text).join(" ");
  const parts = [
    ...before.map(({ text }) => text),
    ...(optional === "none" ? [] : [`[${brackets}${optional === "list" ? "..." : ""}]`]),
  ];
  const text = [...parts, ...after.map(({ text }) => text), ...(line === "" ? [] : [line])].join(" ");
  const nameOf = ({ text }: Argument): string => text.replace("#", "");
  const values = (some: readonly Argument[]): fc.Arbitrary<Frame> =>
    fc.record(Object.fromEntries(some.map((each) => [nameOf(each), each.value])), { noNullPrototype: true });
  const options =
    optional === "list"
      ? fc.array(token, { maxLength: 90 }).map((list) => ({ [nameOf(inside[0]!)]: list }))
      : fc.option(values(inside), { nil: Object.fromEntries(inside.map((each) => [nameOf(each), undefined])) });
  const tokens = [...before, ...inside, ...after].filter(({ text }) => !text.startsWith("#"));
  const frame = fc
    .tuple(values(before), options, values(after), fc.record(last, { noNullPrototype: true }), fc.nat(5), flawed)
    .map(([first, second, third, rest, luck, odd]) => {
      const fields: Record<string, unknown> = { ...first, ...second, ...third, ...rest };
      if (tokens.length === 0) return fields;
      const victim = nameOf(tokens[0]!);
      const isFlawed = luck === 0 && typeof fields[victim] === "string";
      if (isFlawed) fields[victim] = odd;
      return { ...fields, flaw: isFlawed || undefined };
    });
  return { line: text, limit: made.limit, frame };
});

/** Generates the rows of a grammar, with the frames of each. */
export const grammarRows: fc.Arbitrary<readonly RowFrames[]> = fc
  .tuple(fc.shuffledSubarray(WORDS, { minLength: 1, maxLength: 6 }), fc.array(oneRow, { minLength: 6, maxLength: 6 }))
  .map(([words, rows]) =>
    words.map((word, i) => {
      const { line, limit, frame } = rows[i]!;
      return { row: { word, line, limit }, frame: frame.map((fields) => ({ op: word.toLowerCase(), ...fields })) };
    }),
  );
