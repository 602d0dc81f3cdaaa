// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { isToken } from "../subject.ts";
import type { RowGrammar } from "./compile.ts";
import type { FrameOf } from "./frame-type.ts";
import { type Field, type ParsedRow, parseRow, type Row } from "./row.ts";

type Fields = Readonly<Record<string, unknown>>;

// Tokens that a parser could take for a mark, a size or a verb, on purpose.
const token = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.string({ unit: fc.constantFrom(..."MSGPINGab09.*>+|-$_é€\u{1f600}"), minLength: 1, maxLength: 8 }),
  },
  { weight: 3, arbitrary: fc.constantFrom("+", "|", "0", "PING", "a..b", "x".repeat(70)) },
  // What a decoder makes of bytes that no name has.
  { weight: 1, arbitrary: fc.constantFrom("\0", "a\x01", "\x7f", "\udcff", "caf\udcc3", "\x0b") },
);
const list = fc.oneof(
  { weight: 20, arbitrary: fc.array(token, { maxLength: 4 }) },
  // More than a scanner keeps in memory after its line.
  { weight: 1, arbitrary: fc.array(token, { minLength: 62, maxLength: 70 }) },
);
const text = fc
  .string({ unit: fc.constantFrom(..."ab \t'.é"), minLength: 1, maxLength: 12 })
  .filter((words) => /^[^ \t](.*[^ \t])?$/s.test(words));
const json = fc
  .dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
  // JSON has no minus zero.
  .map((value) => JSON.parse(JSON.stringify(value)) as object);
const block = fc.uint8Array({ maxLength: 24 });

const ends: Readonly<Record<ParsedRow["end"], Readonly<Record<string, fc.Arbitrary<unknown>>>>> = {
  none: {},
  size: { payload: block },
  "headers+size": { headers: block, payload: block },
  text: { text },
  json: { json },
};

/**
 * Generates a frame of a compiled grammar, as its decoder makes them: each verb is as likely, those of `base` excepted.
 * A few frames have a flaw.
 *
 * @example
 * ```ts
 * import { Decoder } from "@natswire/codec";
 * import { frameOf } from "@natswire/codec/arbitrary";
 * import { compileGrammar, frameEncoder } from "@natswire/codec/grammar";
 * import { assert, property } from "fast-check";
 *
 * const grammar = compileGrammar([{ word: "NOTE", line: "subject [#priority] size" }]);
 * const encode = frameEncoder(grammar);
 * const isInverse = property(frameOf(grammar), (note) => {
 *   const decoder = new Decoder(grammar);
 *   decoder.push(encode(note));
 *   return decoder.pull()?.subject === note.subject;
 * });
 * assert(isInverse, { numRuns: 100 });
 * console.log("100 notes encoded"); // 100 notes encoded
 * ```
 */
export function frameOf<R extends readonly Row[]>(
  grammar: Pick<RowGrammar<R>, "rows">,
): fc.Arbitrary<FrameOf<R[number]>> {
  const rows = grammar.rows.map((row, i) => fieldsOf(parseRow(row, `rows[${i}]`)));
  return fc.oneof(...rows) as fc.Arbitrary<FrameOf<R[number]>>;
}

function fieldsOf(row: ParsedRow): fc.Arbitrary<Fields> {
  const { word, fields, end, isMarked } = row;
  const needed = record(fields.filter(({ isOptional }) => !isOptional));
  const optional = fields.filter(({ isOptional }) => isOptional);
  const none = Object.fromEntries(optional.map(({ name, type }) => [name, type === "list" ? [] : undefined]));
  const [first, ...others] = optional;
  // A list may be empty, and what stands before it may be missing.
  const given = isMarked
    ? fc.tuple(fc.option(record([first!]), { nil: { [first!.name]: undefined } }), record(others)).map(merged)
    : fc.option(record(optional), { nil: none });
  const last = fc.record(ends[end], { noNullPrototype: true });
  const names = fields.filter(({ type }) => type !== "number").map(({ name }) => name);
  return fc.tuple(needed, given, last).map((parts) => {
    const all = merged(parts);
    // In the order of the line, as a decoder does it.
    const inOrder = Object.fromEntries([
      ...fields.map(({ name }) => [name, all[name]] as const),
      ...Object.entries(parts[2]),
    ]);
    const isFlawed = names.flatMap((name) => all[name] ?? []).some((name) => !isToken(name));
    return { op: word.toLowerCase(), ...inOrder, ...(names.length === 0 ? {} : { flaw: isFlawed || undefined }) };
  });
}

function record(fields: readonly Field[]): fc.Arbitrary<Fields> {
  return fc.record(Object.fromEntries(fields.map((field) => [field.name, argumentOf(field)])), {
    noNullPrototype: true,
  });
}

function argumentOf({ name, type }: Field): fc.Arbitrary<unknown> {
  if (type === "token") return token;
  if (type === "list") return list;
  const max = name === "sid" ? 999_999_999_999_999 : 999_999_999;
  return fc.oneof(fc.constantFrom(0, 1, max), fc.integer({ min: 0, max }));
}

function merged(parts: readonly Fields[]): Fields {
  return Object.assign({}, ...parts) as Fields;
}
