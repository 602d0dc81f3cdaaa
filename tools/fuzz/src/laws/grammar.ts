// SPDX-License-Identifier: Apache-2.0
import type { Grammar } from "@natswire/codec";
import type { Row } from "@natswire/codec/grammar";
import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { mutate } from "../../../../packages/fuzz/src/mutate.ts";
import { cut, formatReading, type Reading, sameFrame, sameReading } from "../../../../packages/fuzz/src/reading.ts";
import { payload } from "../../../../packages/fuzz/src/stream.ts";
import { Choices } from "../choices.ts";
import type { UnderTest } from "../under-test.ts";
import { rowOracle } from "./row-oracle.ts";

type Frame = Record<string, unknown>;

const WORDS = ["RS+", "RS-", "LIST", "MSG", "HPUB", "-ERR", "LONGESTVERBTHEREIS", "OK"];
const BEFORE = ["", "subject", "account subject", "#code one", "one #sid"];
const OPTIONAL = ["", "", "[reply]", "[queue #weight]", "[#weight]", "[middle...]", "[reply queues...]"];
const AFTER = ["", "key", "#n"];
const ENDS = ["", "size", "headers-size size"];
const TEXTS = ["text", "json"];
// Marks and sizes on purpose.
const good = ["a", "a.b", "$G", "+", "|", "0", "7", "PING", "é", "_INBOX.x", "x".repeat(70)];
// What no argument may hold, and what only a frame with a flaw may hold.
const bad: readonly unknown[] = [
  ...["", " ", "a b", "a\tb", "a\r\nPING", "a\n", "a\r", undefined, null, 7, true],
  ...["\0", "\x7f", "\udcff", "caf\udcc3", "\ud800", "\udcc3\udca9"],
];
const numbers = [0, 1, 42, 999_999_999];
const badNumbers: readonly unknown[] = [-1, 1.5, 1e9, 1e15, Number.NaN, -0, "1", undefined, null];
const JSONS = ["{}", '{"a":1}', '{"é":["\\r\\n"]}', '{"__proto__":0}'];
const texts = ["a", "it's  over", "é\ta"];
const badTexts: readonly unknown[] = ["", " a", "a ", "a\r\nPING", "a\nPING", "\0", "\ud800", true];

/**
 * Returns the laws of compiled grammars. For any frame, the encoder throws a UsageError, or the oracle reads exactly that frame.
 * For any bytes and chunks, the decoder reads what the oracle reads.
 */
export function grammarLaws(codec: UnderTest): (input: Uint8Array) => void {
  return (input) => {
    const random = new Choices(input);
    const rows: Row[] = [];
    for (const word of WORDS) if (rows.length < 4 && random.once(2)) rows.push({ word, line: lineOf(random) });
    if (rows.length === 0) return;
    const grammar = codec.grammar.compileGrammar(rows);
    const encode = codec.grammar.frameEncoder(grammar) as (frame: unknown) => Uint8Array;
    const parts: Uint8Array[] = [];
    for (let count = 1 + random.below(4); count > 0; count--) {
      const frame = frameOf(random.pick(rows), random);
      try {
        parts.push(encode(frame));
      } catch (error) {
        if (!(error instanceof codec.UsageError)) throw error;
        if (!hasOdd(frame))
          throw new LawBroken("a valid frame is encoded", `${error.message} ${JSON.stringify(frame)}`);
        continue;
      }
      const { frames, rest } = rowOracle(parts.at(-1)!, rows);
      const { flaw: _, ...fields } = frame;
      if (frames.length !== 1 || rest !== parts.at(-1)!.length || !sameFrame(frames[0], fields)) {
        throw new LawBroken("what is encoded is read as the intended frame", JSON.stringify({ rows, frame, frames }));
      }
    }
    const valid = concat(parts);
    decodes(codec, grammar, valid, rows, random);
    if (valid.length > 0) decodes(codec, grammar, mutate(valid, parts[0]!, random), rows, random);
  };
}

function lineOf(random: Choices): string {
  const before = random.pick(BEFORE);
  if (random.once(6)) return [before.replace("subject", "two"), random.pick(TEXTS)].filter(Boolean).join(" ");
  const optional = random.pick(OPTIONAL);
  const parts = [before, optional, random.pick(AFTER), random.pick(ENDS)];
  return parts.filter(Boolean).join(" ");
}

/** Returns a frame of a row, in which any field may be wrong. */
export function frameOf({ word, line }: Row, random: Choices): Frame {
  const frame: Frame = { op: word.toLowerCase() };
  const isGiven = !random.once(2);
  const oneOf = (right: readonly unknown[], wrong: readonly unknown[]): unknown =>
    random.once(9) ? random.pick(wrong) : random.pick(right);
  for (const text of line === "" ? [] : line.split(/[ [\]]+/).filter(Boolean)) {
    const name = text.replace(/[#.]/g, "");
    const isOptional = /[[ ]/.test(line) && new RegExp(`\\[([^\\]]* )?${text}[ \\]]`).test(line);
    if (text.endsWith("...")) {
      // Rarely more than are kept in memory.
      const length = random.once(20) ? 70 : random.below(4);
      frame[name] = Array.from({ length }, (_, i) => (i < 3 ? oneOf(good, bad) : "q"));
    } else if (text === "size") frame["payload"] = payload(random);
    else if (text === "headers-size") frame["headers"] = payload(random);
    else if (text === "text") frame[name] = oneOf(texts, badTexts);
    else if (text === "json") frame[name] = JSON.parse(random.pick(JSONS)) as object;
    else if (isOptional && !isGiven && !random.once(30)) frame[name] = undefined;
    else frame[name] = text.startsWith("#") ? oneOf(numbers, badNumbers) : oneOf(good, bad);
  }
  if (random.once(3)) frame["flaw"] = true;
  return frame;
}

/** Returns whether the encoder may reject a frame. */
export function hasOdd(frame: Frame): boolean {
  const values = Object.entries(frame).flatMap(([name, value]) =>
    Array.isArray(value) ? value : name === "op" ? [] : [value],
  );
  return values.some(
    (value) =>
      ![...good, ...numbers, ...texts].some((right) => Object.is(right, value)) && !isBytes(value) && !isPlain(value),
  );
}

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array;
}

function isPlain(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length < 2 && !isBytes(value);
}

/** Checks that the frames are those of the oracle, for any chunks. */
function decodes(
  codec: UnderTest,
  grammar: Grammar<Frame>,
  stream: Uint8Array,
  rows: readonly Row[],
  random: Choices,
): void {
  const whole = read(codec, grammar, [stream]);
  const chunks = cut(stream, random);
  const copies = chunks.map((chunk) => chunk.slice());
  const pieces = read(codec, grammar, copies, (chunk) => chunk.fill(0xaa));
  if (!sameReading(whole, pieces)) {
    throw new LawBroken("chunking never changes meaning", `${formatReading(whole)}\n${formatReading(pieces)}`, {
      chunks,
    });
  }
  const oracle = rowOracle(stream, rows);
  const frames = whole.frames.map((frame) => {
    const { flaw: _, ...fields } = frame as Frame;
    return fields;
  });
  const isAlike =
    frames.length === oracle.frames.length && frames.every((frame, i) => sameFrame(frame, oracle.frames[i]));
  // The end of a stream may be wrong before its line is complete.
  const isJudged = oracle.isBroken || oracle.rest === stream.length;
  if (!isAlike || (isJudged && (whole.fault !== undefined) !== oracle.isBroken)) {
    const detail = `${JSON.stringify(rows)}\n${formatReading(whole)}\n${JSON.stringify(oracle)}`;
    throw new LawBroken("it agrees with the oracle of rows", detail);
  }
}

/** Returns what a decoder reads from chunks. */
export function read(
  codec: UnderTest,
  grammar: Grammar<unknown>,
  chunks: readonly Uint8Array[],
  after: (chunk: Uint8Array) => void = () => {},
): Reading {
  const decoder = new codec.Decoder(grammar);
  const frames: unknown[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.pull(); frame !== undefined; frame = decoder.pull()) frames.push(structuredClone(frame));
      after(chunk);
    }
  } catch (error) {
    if (!(error instanceof codec.ProtocolError)) throw error;
    return { frames, fault: { code: error.code, offset: error.offset }, rest: decoder.offset };
  }
  return { frames, fault: undefined, rest: decoder.offset };
}
