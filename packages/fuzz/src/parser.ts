// SPDX-License-Identifier: Apache-2.0
import type { Limits } from "@natswire/codec";
import { escaped } from "./escape.ts";
import { UnusableTarget } from "./finding.ts";
import type { Reading, Sender } from "./reading.ts";

/** What a parser makes of one stream. */
export interface ParserReading {
  /** Plain objects with the `op` of natswire's frames, and those of their other fields that the parser has. */
  readonly frames: readonly Readonly<Record<string, unknown>>[];
  /** The parser rejected the stream after those frames: anything but `undefined` and `null`. */
  readonly error?: unknown;
}

/** Parses the chunks of one stream from its beginning. A chunk may be empty. */
export type Parse = (chunks: readonly Uint8Array[]) => ParserReading | Promise<ParserReading>;

/** A difference between a parser and the protocol. */
export interface Difference {
  /** The property that does not hold, in one line. */
  readonly law: string;
  /** The part of the stream that differs: an operation, and a field or an error code. */
  readonly place: string;
  readonly input: Uint8Array;
  /** What the parser made of the input. */
  readonly theirs: ParserReading;
  /** What it should be. If only the chunks make the difference: what the parser made of the input in one chunk. */
  readonly ours: Reading;
}

/** The exports of a module with a parser to fuzz. */
export interface Parser {
  /** The sender of the bytes that it reads. */
  readonly from: Sender;
  readonly default: Parse;
  /** The parser's own limits, if they differ from those of the codec; also `strictLineEnd`. */
  readonly limits?: Partial<Limits>;
  /** Returns the reason why a difference is intended, or `undefined`. Reasons are counted and printed. */
  readonly allowed?: (difference: Difference) => string | undefined;
}

const OPERATIONS: Readonly<Record<Sender, readonly string[]>> = {
  server: ["info", "msg", "ok", "err", "ping", "pong"],
  client: ["connect", "pub", "sub", "unsub", "ping", "pong"],
};
const WANTED = "return { frames, error } or a promise of it";

/** Checks the exports of a module. @throws UnusableTarget */
export function checkParser(module: Partial<Parser>): Parser {
  const { default: parse, from, limits, allowed } = module;
  if (typeof parse !== "function") {
    throw new UnusableTarget(`the default export must be a function of chunks, not ${named(parse)}`);
  }
  if (from !== "server" && from !== "client") {
    throw new UnusableTarget(
      `export const from = "server" or "client": the sender of the bytes that the parser reads, not ${named(from)}`,
    );
  }
  if (allowed !== undefined && typeof allowed !== "function") {
    throw new UnusableTarget(`"allowed" must be a function of a difference, not ${named(allowed)}`);
  }
  return { default: parse, from, ...(limits && { limits }), ...(allowed && { allowed }) };
}

/**
 * Returns what a parser returned, after a check of its shape.
 *
 * @throws UnusableTarget that names the part with the wrong shape, and the input
 */
export function checkReading(value: unknown, from: Sender, input: Uint8Array): ParserReading {
  const wrong = (what: string): never => {
    throw new UnusableTarget(
      `${input.length === 0 ? "for an empty stream" : `for "${escaped(input)}"`}, the parser returned ${what}`,
    );
  };
  if (typeof value !== "object" || value === null) return wrong(`${named(value)}; ${WANTED}`);
  const { frames } = value as Partial<ParserReading>;
  if (!Array.isArray(frames)) return wrong(`frames that are ${named(frames)}, not an array; ${WANTED}`);
  for (const [at, frame] of frames.entries()) {
    if (typeof frame !== "object" || frame === null) return wrong(`frames[${at}] = ${named(frame)}, not an object`);
    const { op } = frame as { op?: unknown };
    if (!OPERATIONS[from].includes(op as string)) {
      return wrong(`frames[${at}].op = ${named(op)}; a ${from} sends ${OPERATIONS[from].join(", ")}`);
    }
  }
  return value as ParserReading;
}

/** Formats a value for an error message. */
function named(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" ? "a function" : String(value);
}
