// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from "node:util";
import type { ParserReading } from "./parser.ts";
import { type Reading, sameBytes } from "./reading.ts";

type Frame = Readonly<Record<string, unknown>>;

/** The laws of a parser, in one line each. */
export const laws = {
  chunks: "the result does not depend on the chunks",
  rejected: "what violates the protocol is rejected",
  accepted: "what a correct peer sends is accepted",
  decoded: "what a correct peer sends is decoded",
  before: "the frames before an error are delivered",
  throws: "an error is returned, not thrown",
} as const;

/** Operations with another name than their verb. */
const OPERATIONS: Readonly<Record<string, string>> = { hmsg: "msg", hpub: "pub", "+ok": "ok", "-err": "err" };

/** Where two results differ. */
export interface Place {
  readonly law: string;
  /** An operation, and a field or an error code: `msg, payload`. */
  readonly place: string;
}

/** Returns how a parser differs from the protocol, or `undefined` if it does not. */
export function differenceOf(input: Uint8Array, ours: Reading, theirs: ParserReading): Place | undefined {
  const { fault, rest } = ours;
  if (fault !== undefined && !isRejected(theirs)) {
    return { law: laws.rejected, place: `${operationAt(input, rest)}, ${fault.code}` };
  }
  if (fault === undefined && isRejected(theirs)) {
    const next = ours.frames[theirs.frames.length] as Frame | undefined;
    return { law: laws.accepted, place: next === undefined ? operationAt(input, rest) : String(next["op"]) };
  }
  const place = placeOf(theirs.frames, ours.frames as readonly Frame[]);
  return place === undefined ? undefined : { law: fault === undefined ? laws.decoded : laws.before, place };
}

/** Returns how the result for several chunks differs from that for one, or `undefined` if it does not. */
export function chunkDifference(whole: ParserReading, pieces: ParserReading): Place | undefined {
  const place = placeOf(pieces.frames, whole.frames);
  if (place !== undefined) return { law: laws.chunks, place };
  return isRejected(whole) === isRejected(pieces) ? undefined : { law: laws.chunks, place: "error" };
}

/** Returns whether a parser rejected a stream. */
export function isRejected({ error }: ParserReading): boolean {
  return error !== undefined && error !== null;
}

/** Returns the expected frames with those fields that the parser has, as it cannot be expected to have more. */
export function comparable(expected: readonly object[], theirs: ParserReading): object[] {
  return expected.map((frame, at) => {
    const fields = Object.keys(theirs.frames[at] ?? frame);
    return Object.fromEntries(
      Object.entries(frame).filter(([name, value]) => value !== undefined && fields.includes(name)),
    );
  });
}

/** Returns the operation and the field of the first difference. */
function placeOf(theirs: readonly Frame[], ours: readonly Frame[]): string | undefined {
  for (let at = 0; at < Math.max(theirs.length, ours.length); at++) {
    const [frame, expected] = [theirs[at], ours[at]];
    if (expected === undefined) return `${String(frame?.["op"])}, not sent`;
    if (frame === undefined || frame["op"] !== expected["op"]) return `${String(expected["op"])}, missing`;
    for (const name in frame) {
      if (!isSame(frame[name], expected[name])) return `${String(expected["op"])}, ${name}`;
    }
  }
  return undefined;
}

function isSame(theirs: unknown, ours: unknown): boolean {
  if (theirs instanceof Uint8Array && ours instanceof Uint8Array) return sameBytes(theirs, ours);
  // A parser may have null where a frame has no reply or headers.
  return Object.is(theirs ?? undefined, ours) || (typeof theirs === "object" && isDeepStrictEqual(theirs, ours));
}

/** Returns the operation of the line that begins at an offset: its verb, in the words of frames. */
function operationAt(input: Uint8Array, offset: number): string {
  const line = String.fromCharCode(...input.subarray(offset, offset + 8)).toLowerCase();
  const verb = /^(h?msg|h?pub|sub|unsub|info|connect|ping|pong|\+ok|-err)/.exec(line)?.[0] ?? "no verb";
  return OPERATIONS[verb] ?? verb;
}
