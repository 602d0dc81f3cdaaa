// SPDX-License-Identifier: Apache-2.0
import { formatValue, UsageError } from "../errors.ts";

/** A row of a grammar: a verb, and its control line as the documentation of a protocol writes it. */
export interface Row {
  /** The verb in upper case, like `RMSG` or `RS+`. A peer may send it in any case. */
  readonly word: string;
  /**
   * The arguments in their order, separated by one space; "" for a verb without arguments:
   *
   * - `subject`: one argument, as text
   * - `#weight`: a number of 1 to 9 digits; `#sid` has 1 to 15
   * - `[reply]`: an optional argument; `[queue #weight]`: both or none
   * - `[names...]`: any number of arguments, as a list
   * - `[reply queues...]`: both, as the messages of a route have them: nothing, `reply`, `+ reply queue...` or `| queue...`
   * - `size`, in last place: a payload follows the line; `headers-size size`: a header block and a payload
   * - `text` or `json`, in last place: the rest of the line, as text or as a JSON object
   *
   * A line has at most one part in brackets, so that each line can be read in one way only.
   */
  readonly line: string;
  /** The limit for the length of the line; `line` by default. */
  readonly limit?: "line" | "info" | undefined;
}

/** An argument of a row: its place, and the field of the frame that it becomes. */
export interface Field {
  readonly name: string;
  readonly type: "token" | "number" | "list";
  /**
   * The place among the arguments from 0 or, if it comes after the optional ones, from the last, which is -1. Both fields of
   * `[reply queues...]` have the place where it begins.
   */
  readonly at: number;
  readonly isOptional: boolean;
}

/** A row whose line was split and checked. */
export interface ParsedRow {
  readonly word: string;
  readonly line: string;
  readonly limit: "line" | "info";
  /** The arguments before what ends the line, in their order. */
  readonly fields: readonly Field[];
  /** What ends the line. */
  readonly end: "none" | "size" | "headers+size" | "text" | "json";
  /** Whether the list follows a name: `[reply queues...]`. */
  readonly isMarked: boolean;
  /** The number of arguments without the optional ones, and with them: Infinity for a list. */
  readonly min: number;
  readonly max: number;
}

const ENDS = ["size", "text", "json"];
// Fields of a frame that are not arguments.
const RESERVED = ["op", "flaw", "payload", "headers"];
// Two arguments that one method of a cursor returns.
const SHARED = [
  ["subject", "text"],
  ["subject", "json"],
  ["reply", "queue"],
] as const;

/**
 * Splits the line of a row, and checks it.
 *
 * @param place which row it is, for an error
 * @throws UsageError BAD_FIELD that names the row and what is wrong in it
 */
export function parseRow(row: Row, place: string): ParsedRow {
  const fail: Fail = (message) => {
    throw new UsageError("BAD_FIELD", `${place}: ${message}`);
  };
  if (typeof row !== "object" || row === null) return fail(`a row is an object, not ${formatValue(row)}`);
  const unknown = Object.keys(row).find((name) => !["word", "line", "limit"].includes(name));
  if (unknown !== undefined) fail(`unknown field "${unknown}": a row has word, line and limit`);
  const { word, line, limit = "line" } = row;
  if (typeof word !== "string" || !/^[!-`{-~]+$/.test(word)) {
    fail(`word must be upper-case ASCII without blanks, not ${formatValue(word)}`);
  }
  const inRow: Fail = (message) => fail(`${word}: ${message}`);
  if (typeof line !== "string") inRow(`line must be a string, not ${formatValue(line)}`);
  if (limit !== "line" && limit !== "info") inRow(`limit must be "line" or "info", not ${formatValue(limit)}`);

  const parts = partsOf(line, inRow);
  const { end, headed } = endOf(parts, inRow);
  const [before, optional, after] = parts;
  const sizes = end === "none" ? 0 : headed ? 2 : 1;
  const isMarked = optional.length === 2 && optional[1]!.endsWith("...");
  const fields = [
    ...before.map((name, i) => fieldOf(name, i, false, inRow)),
    ...optional.map((name, i) => fieldOf(name, before.length + (isMarked ? 0 : i), true, inRow)),
    ...after.map((name, i) => fieldOf(name, i - after.length - sizes, false, inRow)),
  ];
  checkNames(fields, end, inRow);
  const isList = fields.some(({ type }) => type === "list");
  if (isList && optional.length > 1 && !(isMarked && fields[before.length]!.type === "token"))
    inRow(`a list is alone in its brackets, or follows one name: "${line}"`);
  const min = before.length + after.length + sizes;
  const max = isList ? Number.POSITIVE_INFINITY : min + optional.length;
  return { word, line, limit, fields, end: headed ? "headers+size" : end, isMarked, min, max };
}

/** Throws the error for a row. */
type Fail = (message: string) => never;
type Parts = readonly [before: string[], optional: string[], after: string[]];

/** Splits a line at its brackets and blanks. */
function partsOf(line: string, fail: Fail): Parts {
  if (!/^([^[\]]*|(|[^[\]]+ )\[[^[\]]+\](| [^[\]]+))$/.test(line)) {
    fail(`"${line}" must have at most one part in brackets, with a space around it`);
  }
  const [before = "", optional = "", after = ""] = line.split(/ ?[[\]] ?/);
  const words = (part: string): string[] => (part === "" ? [] : part.split(" "));
  return [words(before), words(optional), words(after)];
}

/** Removes what ends a line from its last part. */
function endOf([before, optional, after]: Parts, fail: Fail): Pick<ParsedRow, "end"> & { readonly headed: boolean } {
  const last = optional.length > 0 ? after : before;
  const end = last.at(-1) as "size" | "text" | "json" | undefined;
  if (end === undefined || !ENDS.includes(end)) return { end: "none", headed: false };
  last.pop();
  if (end !== "size" && optional.length > 0) fail(`"${end}" and an optional argument cannot be told apart`);
  const headed = end === "size" && last.at(-1) === "headers-size";
  if (headed) last.pop();
  return { end, headed };
}

function fieldOf(text: string, at: number, isOptional: boolean, fail: Fail): Field {
  const [, number, name = "", list] = /^(#?)([a-z][a-zA-Z0-9]*|headers-size)(|\.\.\.)$/.exec(text) ?? [];
  if (name === "")
    fail(`${formatValue(text)} is not the name of an argument: write "subject", "#weight" or "[queues...]"`);
  if (ENDS.includes(name)) fail(`"${text}" must be the last argument`);
  if (name === "headers-size") fail('"headers-size" must be followed by "size" in last place');
  if (RESERVED.includes(name)) fail(`"${text}" cannot be an argument: frames have a field of that name`);
  if (list !== "" && (!isOptional || number !== "")) fail(`"${text}": write a list as "[${name}...]"`);
  return { name, type: list !== "" ? "list" : number !== "" ? "number" : "token", at, isOptional };
}

function checkNames(fields: readonly Field[], end: ParsedRow["end"], fail: Fail): void {
  const names = [...fields.map(({ name }) => name), end];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) fail(`"${twice}" is there twice`);
  for (const [one, other] of SHARED) {
    if (names.includes(one) && names.includes(other)) fail(`"${one}" and "${other}" cannot be in one line: rename one`);
  }
}
