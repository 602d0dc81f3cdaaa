// SPDX-License-Identifier: Apache-2.0
import { oracle } from "../../testkit/oracle.ts";
import { hash, Random } from "../../testkit/random.ts";
import { Broken } from "./finding.ts";
import { stream } from "./generate.ts";
import { cut, type Reading, type Sender, sameBytes, shown } from "./reading.ts";
import type { Target } from "./targets.ts";

/** What a parser made of the chunks of one stream. */
export interface ForeignReading {
  /** Plain objects: `op` as in our frames, and of the other fields those the parser knows. */
  readonly frames: readonly Readonly<Record<string, unknown>>[];
  /** Anything but undefined: the stream was refused behind those frames. */
  readonly error?: unknown;
}

/** A difference from the oracle, to be explained. */
export interface Difference {
  readonly input: Uint8Array;
  readonly theirs: ForeignReading;
  /** Our frames, our verdict. */
  readonly ours: Reading;
}

/** A module that brings a parser of somebody else's to be held to the laws. */
export interface Foreign {
  /** Who sends the bytes that it reads. */
  readonly from: Sender;
  /** Parses the chunks of one stream from its beginning. */
  readonly default: (chunks: readonly Uint8Array[]) => ForeignReading;
  /** The reason for which a difference is let pass; it is counted. `undefined` where there is none. */
  readonly allowed?: (difference: Difference) => string | undefined;
}

/**
 * The laws for any parser: it returns, it does not depend on the chunking, it refuses what the oracle refuses and
 * reads the rest as the oracle reads it.
 */
export function foreignTarget(module: Foreign): Target {
  const { default: parse, from, allowed } = module;
  if (typeof parse !== "function")
    throw new Error("the module needs a default export: chunks in, { frames, error } out");
  if (from !== "server" && from !== "client") {
    throw new Error(
      'the module must export `from` (not `role`): "server" if it reads what a server sends, "client" if what a client sends',
    );
  }
  const notes: Record<string, number> = {};
  const differs = (law: string, difference: Difference): void => {
    const reason = allowed?.(difference);
    if (reason === undefined) throw new Broken(law, told(difference));
    notes[reason] = (notes[reason] ?? 0) + 1;
  };
  const laws = (input: Uint8Array): void => {
    const ours = oracle(input, from);
    const theirs = parse([input.slice()]);
    const law = differenceOf(ours, theirs);
    if (law !== undefined) differs(law, { input, ours, theirs });
    const pieces = parse(cut(input, new Random(hash(input))));
    if (!alike(theirs.frames, pieces.frames) || (theirs.error === undefined) !== (pieces.error === undefined)) {
      differs("chunking never changes meaning", { input, ours: { ...ours, frames: theirs.frames }, theirs: pieces });
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
    return `what breaks the protocol is refused: ${ours.fault.code}`;
  if (ours.fault === undefined && theirs.error !== undefined) return "what a healthy peer can send is not refused";
  if (alike(theirs.frames, ours.frames)) return undefined;
  return ours.fault === undefined
    ? "what a healthy peer sends is read as the oracle reads it"
    : "the frames before a fault are delivered";
}

/** The same operations, and the same in those fields that the parser has. */
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

function told({ ours, theirs }: Difference): string {
  const rest = { rest: 0, fault: undefined };
  const error = theirs.error === undefined ? "" : ` ! ${String(theirs.error)}`;
  return `expected ${shown(ours)}\nread     ${shown({ ...rest, frames: theirs.frames }).replace(/ ?rest from 0$/, "")}${error}`;
}
