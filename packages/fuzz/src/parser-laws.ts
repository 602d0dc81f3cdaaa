// SPDX-License-Identifier: Apache-2.0
import * as codec from "@natswire/codec";
import { chunkDifference, comparable, differenceOf, isRejected, laws } from "./difference.ts";
import { LawBroken, UnusableTarget } from "./finding.ts";
import { formatResult } from "./format.ts";
import { framesOf } from "./frame-parts.ts";
import { checkParser, checkReading, type Difference, type Parser, type ParserReading } from "./parser.ts";
import { hash, Random } from "./random.ts";
import { cut, read } from "./reading.ts";
import { stream } from "./stream.ts";
import type { Target } from "./work.ts";

const EMPTY = new Uint8Array(0);
const PING = codec.encode({ op: "ping" });
// Up to this length, every place to cut an input in two is tried.
const SHORT = 64;

/**
 * Returns the laws of a parser as a function of one input, for a property test of your own. It rejects with `LawBroken`.
 * The laws: the parser returns; its result does not depend on the chunks; it rejects what the protocol forbids, and accepts
 * what a correct peer can send; its frames are those of natswire's decoder.
 *
 * @throws UnusableTarget if the parser lacks an export, or returns something else than `{ frames, error }`
 *
 * @example
 * ```ts
 * import { Decoder, serverFrames } from "@natswire/codec";
 * import { brokenStream } from "@natswire/codec/arbitrary";
 * import { type Parse, parserLaws } from "@natswire/fuzz";
 * import { assert, asyncProperty } from "fast-check";
 *
 * const parse: Parse = (chunks) => {
 *   const decoder = new Decoder(serverFrames);
 *   const frames: Record<string, unknown>[] = [];
 *   try {
 *     for (const chunk of chunks) {
 *       decoder.push(chunk);
 *       for (const frame of decoder) frames.push({ ...frame });
 *     }
 *   } catch (error) {
 *     return { frames, error };
 *   }
 *   return { frames };
 * };
 * const hold = parserLaws({ from: "server", default: parse });
 * await assert(asyncProperty(brokenStream(serverFrames), hold), { numRuns: 100 });
 * console.log("100 streams agree"); // 100 streams agree
 * ```
 */
export function parserLaws(parser: Parser): (input: Uint8Array) => Promise<void> {
  const { laws } = parserTarget(parser);
  return async (input) => laws(input, true);
}

/** Makes a target of a parser. `begins` is called before each call of the parser. */
export function parserTarget(
  module: Partial<Parser>,
  begins: (input: Uint8Array, chunks: number) => void = () => {},
): Target {
  const { default: parse, from, limits, allowed } = checkParser(module);
  const notes: Record<string, number> = {};

  const parsed = async (chunks: readonly Uint8Array[], input: Uint8Array): Promise<ParserReading> => {
    begins(input, chunks.length);
    let result: unknown;
    try {
      result = await parse(chunks.map((chunk) => chunk.slice()));
    } catch (error) {
      if (error instanceof UnusableTarget || error instanceof LawBroken) throw error;
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new LawBroken(laws.throws, detail, chunks.length > 1 ? { chunks } : {});
    }
    return checkReading(result, from, input);
  };

  /** Returns whether a difference is intended, and counts it by its reason. */
  const isAllowed = (difference: Difference): boolean => {
    const reason = allowed?.(difference);
    if (reason === undefined) return false;
    notes[reason] = (notes[reason] ?? 0) + 1;
    return true;
  };

  const check = async (input: Uint8Array, isThorough: boolean): Promise<void> => {
    const ours = read(codec, [input], from, limits);
    const whole = await parsed([input], input);
    const found = differenceOf(input, ours, whole);
    if (found !== undefined && !isAllowed({ ...found, input, ours, theirs: whole })) {
      const detail = `${formatResult("expected", ours)}\n${formatResult("parser", whole)}`;
      const expected = comparable(ours.frames as object[], whole);
      throw new LawBroken(found.law, detail, { place: found.place, expected });
    }
    const before = { ...ours, frames: whole.frames };
    for (const chunks of isThorough ? cutsOf(input) : [cut(input, new Random(hash(input)))]) {
      const pieces = await parsed(chunks, input);
      const split = chunkDifference(whole, pieces);
      if (split === undefined || isAllowed({ ...split, input, ours: before, theirs: pieces })) continue;
      const results = [formatResult("in one chunk", whole), formatResult(`in ${chunks.length} chunks`, pieces)];
      throw new LawBroken(split.law, results.join("\n"), { place: split.place, chunks });
    }
  };

  return {
    laws: check,
    generate: (random) => stream(codec, from, random),
    parts: framesOf(from === "server" ? codec.serverFrames : codec.clientFrames, limits),
    notes: () => notes,
    async probe() {
      const { frames, error } = await parsed([], EMPTY);
      if (frames.length > 0) throw new UnusableTarget("the parser returned a frame for an empty stream");
      if (isRejected({ frames, error })) {
        throw new UnusableTarget(
          `the parser rejected an empty stream: ${String(error)}; it is valid, and has no frame`,
        );
      }
      await parsed([PING], PING);
    },
  };
}

/** Returns ways to cut an input, plain ones first: in two, byte by byte, and that of the search. */
function* cutsOf(input: Uint8Array): Generator<Uint8Array[]> {
  const step = Math.max(1, Math.ceil(input.length / SHORT));
  for (let at = 1; at < input.length; at += step) yield [input.slice(0, at), input.slice(at)];
  yield Array.from(input, (byte) => Uint8Array.of(byte));
  yield cut(input, new Random(hash(input)));
}
