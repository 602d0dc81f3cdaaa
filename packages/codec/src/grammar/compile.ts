// SPDX-License-Identifier: Apache-2.0
import { validTable } from "../decode/compiled-verb.ts";
import type { Grammar, Verb } from "../decode/grammar.ts";
import type { NamedGrammar } from "../decode/named-grammar.ts";
import { UsageError } from "../errors.ts";
import { type Limits, type Options, serverFrameLimits, withDefaults } from "../limits.ts";
import { frameMaker } from "./frame-maker.ts";
import type { FrameOf } from "./frame-type.ts";
import { parseRow, type Row } from "./row.ts";
import { verbsOf } from "./verbs.ts";

/** Options of `compileGrammar`. */
export interface GrammarOptions<B> {
  /** A grammar whose verbs are added, after those of the rows: `serverFrames`, `clientFrames` or a compiled one. */
  readonly base?: Grammar<B> | undefined;
  /** The limits to change; the defaults are those of `base`, or else of `serverFrames`. */
  readonly limits?: Options<Limits> | undefined;
}

/** A grammar that `compileGrammar` made. To make other frames, copy it with another `frame`. */
export interface RowGrammar<R extends readonly Row[], B = never>
  extends NamedGrammar<FrameOf<R[number]> | B, R[number]["word"]> {
  /** The rows that it was made of, without those of `base`: `base` has the kinds of its own verbs. */
  readonly rows: R;
}

/**
 * Compiles rows to a grammar: for a `Decoder` or a `Scanner`, for `frames`, and for `frameEncoder`.
 *
 * A frame is an object with the verb in lower case as `op`, and a field for each argument, named as in the row. A payload is
 * in `payload`, a header block in `headers`. An optional argument that is not there is `undefined`.
 *
 * @param rows the verbs; each row is written as `Row` describes
 * @throws UsageError BAD_FIELD if a row or an option is not valid: the message names the row, and what is wrong in it;
 * BAD_NUMBER if a limit is not a whole number or Infinity
 *
 * @example
 * ```ts
 * import { Decoder } from "@natswire/codec";
 * import { compileGrammar } from "@natswire/codec/grammar";
 *
 * const grammar = compileGrammar([
 *   { word: "NOTE", line: "subject [#priority] size" },
 *   { word: "DONE", line: "" },
 * ]);
 * const decoder = new Decoder(grammar);
 * decoder.push(new TextEncoder().encode("NOTE build.7 3 5\r\nready\r\nDONE\r\n"));
 * const [note, done] = decoder;
 * if (note?.op === "note") console.log(note.subject, note.priority, note.payload.length); // build.7 3 5
 * console.log(done); // { op: 'done' }
 * ```
 */
export function compileGrammar<const R extends readonly Row[], B = never>(
  rows: R,
  options: GrammarOptions<B> = {},
): RowGrammar<R, B> {
  if (!Array.isArray(rows) || rows.length === 0) throw new UsageError("BAD_FIELD", "rows must be an array of rows");
  checkKeys("option", options, ["base", "limits"]);
  const { base } = options;
  checkKeys("limit", options.limits ?? {}, Object.keys(serverFrameLimits));
  const limits = withDefaults(withDefaults(serverFrameLimits, base?.limits), options.limits);
  const others = base?.verbs ?? [];
  const first = 1 + Math.max(0, ...others.map(({ kind }) => kind));
  const parsed = rows.map((row: Row, i) => parseRow(row, `rows[${i}]`));
  const verbs = parsed.flatMap((row, i) => verbsOf(row, first + i));
  checkWords(
    parsed.map(({ word }) => word),
    [...new Set(others.map(({ word }) => word))],
    [...verbs, ...others],
  );
  const frames = parsed.map(frameMaker);
  return {
    rows,
    verbs: validTable([...verbs, ...others]),
    limits,
    kinds: Object.fromEntries(parsed.map(({ word }, i) => [word, first + i])) as RowGrammar<R>["kinds"],
    frame: (at) => (at.kind < first ? base!.frame(at) : (frames[at.kind - first]!(at) as FrameOf<R[number]>)),
  };
}

function checkKeys(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError("BAD_FIELD", `unknown ${what} "${unknown}": the ${what}s are ${known.join(", ")}`);
}

/** Checks that the letters of a verb say which one it is, for any chunks. */
function checkWords(own: readonly string[], others: readonly string[], verbs: readonly Verb[]): void {
  const words = [...own, ...others];
  const twice = words.find((word, i) => words.indexOf(word) !== i);
  if (twice !== undefined) throw new UsageError("BAD_FIELD", `verb ${twice} is there twice`);
  for (const { word, args } of verbs) {
    // What follows a verb without arguments is wrong at its first byte.
    const longer = args[1] > 0 ? undefined : words.find((other) => other !== word && other.startsWith(word));
    if (longer === undefined) continue;
    throw new UsageError("BAD_FIELD", `verb ${longer} begins with ${word}, which needs no arguments: rename one`);
  }
}
