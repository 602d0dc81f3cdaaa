// SPDX-License-Identifier: Apache-2.0
import { oracle } from "../../testkit/oracle.ts";
import { hash, Random } from "../../testkit/random.ts";
import { LawBroken } from "./finding.ts";
import { stream } from "./generate.ts";
import { cut, formatReading, type Reading, type Sender, sameBytes } from "./reading.ts";
import type { Target } from "./targets.ts";

/** What a parser made of one stream. */
export interface ForeignReading {
  /** Plain objects: `op` as in our frames, and those of the other fields that the parser has. */
  readonly frames: readonly Readonly<Record<string, unknown>>[];
  /** Anything but undefined: the stream was rejected after those frames. */
  readonly error?: unknown;
}

/** A difference between a parser and the oracle. */
export interface Difference {
  readonly input: Uint8Array;
  readonly theirs: ForeignReading;
  /** What the oracle made of the input. */
  readonly ours: Reading;
}

/** The exports of a module with a parser to test. */
export interface Foreign {
  /** Who sends the bytes that it reads. */
  readonly from: Sender;
  /** Parses the chunks of one stream from its beginning. */
  readonly default: (chunks: readonly Uint8Array[]) => ForeignReading;
  /** Returns the reason why a difference is allowed, or `undefined`. Reasons are counted and printed. */
  readonly allowed?: (difference: Difference) => string | undefined;
}

/**
 * Makes a target of a parser. Its laws: it returns; its result does not depend on the chunks; it rejects what the oracle
 * rejects; it decodes the rest as the oracle does.
 */
export function foreignTarget(module: Foreign): Target {
  const { default: parse, from, allowed } = module;
  if (typeof parse !== "function")
    throw new Error("the module must have a default export: a function of chunks that returns { frames, error }");
  if (from !== "server" && from !== "client") {
    throw new Error(
      'the module must export `from` (not `role`): "server" if it reads what a server sends, "client" if what a client sends',
    );
  }
  const notes: Record<string, number> = {};
  const differs = (law: string, difference: Difference, chunks?: readonly Uint8Array[]): void => {
    const reason = allowed?.(difference);
    if (reason === undefined) throw new LawBroken(law, describe(difference), chunks);
    notes[reason] = (notes[reason] ?? 0) + 1;
  };
  const laws = (input: Uint8Array): void => {
    const ours = oracle(input, from);
    const theirs = parse([input.slice()]);
    const law = differenceOf(ours, theirs);
    if (law !== undefined) differs(law, { input, ours, theirs });
    const chunks = cut(input, new Random(hash(input)));
    const pieces = parse(chunks.map((chunk) => chunk.slice()));
    if (!alike(theirs.frames, pieces.frames) || (theirs.error === undefined) !== (pieces.error === undefined)) {
      const difference = { input, ours: { ...ours, frames: theirs.frames }, theirs: pieces };
      differs("every chunking gives the same frames, code and offset", difference, chunks);
    }
  };
  return {
    laws: () => laws,
    generate: (own, random) => stream(own, from, random),
    notes: () => notes,
  };
}

function differenceOf(ours: Reading, theirs: ForeignReading): string | undefined {
  if (ours.fault !== undefined && theirs.error === undefined)
    return `what violates the protocol is rejected: ${ours.fault.code}`;
  if (ours.fault === undefined && theirs.error !== undefined) return "what a correct peer sends is not rejected";
  if (alike(theirs.frames, ours.frames)) return undefined;
  return ours.fault === undefined
    ? "what a correct peer sends is decoded as by the oracle"
    : "the frames before a fault are delivered";
}

/** Returns whether operations are equal, and those fields that the parser has. */
function alike(theirs: ForeignReading["frames"], ours: readonly unknown[]): boolean {
  return (
    theirs.length === ours.length &&
    theirs.every((frame, i) => {
      const own = ours[i] as Record<string, unknown>;
      return Object.entries(frame).every(([name, value]) => {
        const mine = own[name];
        if (value instanceof Uint8Array && mine instanceof Uint8Array) return sameBytes(value, mine);
        return typeof value === "object" ? JSON.stringify(value) === JSON.stringify(mine) : Object.is(value, mine);
      });
    })
  );
}

function describe({ ours, theirs }: Difference): string {
  const rest = { rest: 0, fault: undefined };
  const error = theirs.error === undefined ? "" : ` ! ${String(theirs.error)}`;
  return `expected ${formatReading(ours)}\nread     ${formatReading({ ...rest, frames: theirs.frames }).replace(/ ?rest from 0$/, "")}${error}`;
}
