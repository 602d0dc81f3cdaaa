// SPDX-License-Identifier: Apache-2.0
import { byteLength, concat, plainView } from "../bytes.ts";
import { EMPTY } from "../empty.ts";
import { isCount } from "../encode/encoder.ts";
import { formatValue, typeName, UsageError, type UsageErrorCode } from "../errors.ts";
import { formatJson, noFields } from "../info.ts";
import type { Limits } from "../limits.ts";
import { explainInvalid, isToken } from "../subject.ts";
import { characterName, encodeOpaque } from "../text.ts";
import type { RowGrammar } from "./compile.ts";
import type { FrameOf } from "./frame-type.ts";
import { marksOf } from "./middle.ts";
import { type ParsedRow, parseRow, type Row } from "./row.ts";

// The largest numbers that a decoder reads: 9 digits, and 15 for a sid.
const MAX_NUMBER = 999_999_999;
const MAX_SID = 999_999_999_999_999;

const SPACE: Uint8Array = /* @__PURE__ */ Uint8Array.of(0x20);
const CRLF: Uint8Array = /* @__PURE__ */ Uint8Array.of(0x0d, 0x0a);

type Frame = Readonly<Record<string, unknown>>;

/**
 * Returns a function that encodes the frames of a grammar: the rows read backwards. The bytes that it returns are a copy.
 *
 * It writes what a decoder of the same grammar decodes to the same frame, or throws. Each argument is checked: it is not
 * empty, and has no blank, CR or LF. If `flaw` is not set, it has no control character and is valid Unicode. Sizes are those
 * of `headers` and `payload`. The function has no frames of `base`: use `encode` for them.
 *
 * The function throws a `UsageError`: BAD_FIELD or BAD_NUMBER for a field that cannot be sent, TOO_LARGE if the frame exceeds
 * the grammar's limits.
 *
 * @example
 * ```ts
 * import { compileGrammar, frameEncoder } from "@natswire/codec/grammar";
 *
 * const encode = frameEncoder(compileGrammar([{ word: "RMSG", line: "account subject [middle...] size" }]));
 * const payload = new TextEncoder().encode("apple");
 * const frame = { op: "rmsg", account: "$G", subject: "work", middle: ["|", "q1"], payload } as const;
 * console.log(JSON.stringify(new TextDecoder().decode(encode(frame)))); // "RMSG $G work | q1 5\r\napple\r\n"
 * try {
 *   encode({ ...frame, subject: "work 1" });
 * } catch (error) {
 *   console.log((error as Error).message); // RMSG: "work 1" is not a valid subject: it contains a space
 * }
 * ```
 */
export function frameEncoder<R extends readonly Row[]>(
  grammar: Pick<RowGrammar<R>, "rows" | "limits">,
): (frame: FrameOf<R[number]>) => Uint8Array {
  const { limits } = grammar;
  const rows = new Map(
    grammar.rows.map((row, i) => {
      const parsed = parseRow(row, `rows[${i}]`);
      return [parsed.word.toLowerCase(), { ...parsed, names: namesOf(parsed) }];
    }),
  );
  return (frame: unknown) => {
    if (typeof frame !== "object" || frame === null)
      fail("BAD_FIELD", `a frame is an object, not ${formatValue(frame)}`);
    const { op, ...fields } = frame as Frame;
    const row = rows.get(op as string);
    if (row === undefined)
      return fail("BAD_FIELD", `unknown frame op ${formatValue(op)}: use ${[...rows.keys()].join(", ")}`);
    const { word, names } = row;
    const unknown = Object.keys(fields).find((name) => !names.includes(name));
    if (unknown !== undefined) fail("BAD_FIELD", `${word}: unknown field "${unknown}": use ${names.join(", ")}`);
    return bytesOf(row, fields, limits);
  };
}

/** Returns the names of the fields that a frame of a row has. */
function namesOf({ fields, end }: ParsedRow): readonly string[] {
  const last = { none: [], size: ["payload"], "headers+size": ["headers", "payload"], text: ["text"], json: ["json"] };
  const flaw = fields.some(({ type }) => type !== "number") ? ["flaw"] : [];
  return [...fields.map(({ name }) => name), ...last[end], ...flaw];
}

/** Returns the bytes of a frame, whose fields were each read once. */
function bytesOf(row: ParsedRow, frame: Frame, limits: Limits): Uint8Array {
  const { word, limit, end } = row;
  const isSized = end === "size" || end === "headers+size";
  const headers = end === "headers+size" ? checkBytes(word, frame, "headers") : EMPTY;
  const payload = isSized ? checkBytes(word, frame, "payload") : EMPTY;
  const size = headers.length + payload.length;
  if (size > Math.min(limits.payload, MAX_NUMBER))
    fail("TOO_LARGE", `${word}: payload is ${size} bytes, limit ${limits.payload}`);

  const words = argumentsIn(row, frame);
  if (end === "text") words.push(checkText(word, frame["text"]));
  if (end === "json") words.push(formatJson(word, frame["json"] as object, noFields, frame["json"] as object));
  if (end === "headers+size") words.push(String(headers.length));
  if (isSized) words.push(String(size));
  // Each argument was checked to be what a decoder returns, so its bytes are known.
  const line = [word, ...words].flatMap((text) => [SPACE, encodeOpaque(text)!]).slice(1);
  const length = line.reduce((sum, bytes) => sum + bytes.length, 0);
  if (length > limits[limit]) fail("TOO_LARGE", `${word}: control line is ${length} bytes, limit ${limits[limit]}`);
  return concat(isSized ? [...line, CRLF, headers, payload, CRLF] : [...line, CRLF]);
}

/** Returns the arguments before the end of the line, in their order. */
function argumentsIn({ word, fields, isMarked }: ParsedRow, frame: Frame): string[] {
  const { flaw } = frame;
  let isFlawed = false;
  const check = (name: string, value: unknown): string => {
    if (isToken(value)) return value;
    isFlawed = true;
    return checkFlawed(word, name, value, flaw === true);
  };
  const optional = fields.filter(({ isOptional, type }) => isOptional && type !== "list").map(({ name }) => name);
  const missing = optional.filter((name) => frame[name] === undefined);
  if (missing.length > 0 && missing.length < optional.length) {
    fail(
      "BAD_FIELD",
      `${word}: ${missing.join(", ")} missing: ${optional.join(" and ")} are given together or not at all`,
    );
  }
  const lists = fields.flatMap(({ name, type }) => (type === "list" ? [listOf(word, name, frame[name])] : []));
  const words = fields.flatMap(({ name, type, isOptional }) => {
    const value = frame[name];
    if (type === "list") return lists[0]!.map((item, i) => check(`${name}[${i}]`, item));
    const marks = isMarked && isOptional ? marksOf(value, lists[0]!) : [];
    if (missing.includes(name)) return marks;
    return [...marks, type === "token" ? check(name, value) : checkNumber(word, name, value)];
  });
  const actual = isFlawed || undefined;
  if (flaw !== actual)
    fail("BAD_FIELD", `${word}: flaw must be ${actual} for these arguments, not ${formatValue(flaw)}`);
  return words;
}

/** Returns a copy of a list, so that the length that was read is the one that is written. */
function listOf(word: string, name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return Array.from(value);
  return fail("BAD_FIELD", `${word}: ${name} must be an array, not ${typeName(value)}`);
}

/** Checks an argument that no valid name is: only what a decoder returns, and only in a frame with a flaw. */
function checkFlawed(word: string, name: string, value: unknown, isAllowed: boolean): string {
  if (!isAllowed || typeof value !== "string" || value === "")
    return fail("BAD_FIELD", `${word}: ${explainInvalid(name, value)}`);
  // Some parsers end an argument at a CR.
  const blank = /[ \t\r\n]/.exec(value);
  if (blank === null && encodeOpaque(value) !== undefined) return value;
  const reason = blank === null ? "a lone surrogate" : characterName(blank[0]);
  return fail("BAD_FIELD", `${word}: ${formatValue(value)} is not a valid ${name}: it contains ${reason}`);
}

function checkNumber(word: string, name: string, value: unknown): string {
  const max = name === "sid" ? MAX_SID : MAX_NUMBER;
  if (isCount(value as number, max)) return String(value);
  return fail("BAD_NUMBER", `${word}: ${name} must be a whole number from 0 to ${max}, not ${formatValue(value)}`);
}

function checkText(word: string, text: unknown): string {
  if (typeof text !== "string") return fail("BAD_FIELD", `${word}: text must be a string, not ${typeName(text)}`);
  const forbidden = /[\r\n\0]|\p{Surrogate}/u.exec(text);
  if (forbidden !== null) fail("BAD_FIELD", `${word}: text contains ${characterName(forbidden[0])}`);
  if (/^[ \t]|[ \t]$|^$/.test(text))
    fail("BAD_FIELD", `${word}: text must not be empty, nor begin or end with a blank`);
  return text;
}

/** Returns the bytes of a payload or a header block, however a subclass reports them. */
function checkBytes(word: string, frame: Frame, name: string): Uint8Array {
  const bytes = frame[name] as Uint8Array;
  byteLength(bytes, `${word}: ${name}`);
  return plainView(bytes);
}

function fail(code: UsageErrorCode, message: string): never {
  throw new UsageError(code, message);
}
