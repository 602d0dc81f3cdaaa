// SPDX-License-Identifier: Apache-2.0
import type { Verb } from "./grammar.ts";
import type { Limits } from "./limits.ts";

/** A verb as the scanner's loops read it: numbers, no strings to compare. */
export interface Shape extends Omit<Verb, "limit" | "args"> {
  readonly letters: Uint8Array;
  /** Arguments. */
  readonly fewest: number;
  readonly most: number;
  /** Bytes of the verb and the blank behind it. */
  readonly start: number;
  /** Headers stand in front of the payload. */
  readonly headed: boolean;
  /** Longest line in bytes. */
  readonly limit: number;
  /** Largest size in bytes. */
  readonly largest: number;
}

const compiled = new WeakMap<readonly Verb[], { readonly limits: Limits; readonly shapes: readonly Shape[] }>();

/** Compiles a grammar's table; the last one is kept, for the next connection most often has the same limits. */
export function shapesOf(verbs: readonly Verb[], limits: Limits): readonly Shape[] {
  const last = compiled.get(verbs);
  if (last !== undefined && isSame(last.limits, limits)) return last.shapes;
  const shapes = verbs.map(({ word, kind, args: [fewest, most], sid, body, limit = "line" }) => {
    const letters = Uint8Array.from(word, (letter) => letter.charCodeAt(0));
    const line = { start: word.length + 1, headed: body === "headers+size", limit: limits[limit] };
    return { word, kind, sid, body, letters, fewest, most, ...line, largest: limits.payload };
  });
  compiled.set(verbs, { limits, shapes });
  return shapes;
}

function isSame(one: Limits, other: Limits): boolean {
  return one.line === other.line && one.info === other.info && one.payload === other.payload;
}

/** A verb's first four bytes on the wire as a little-endian number; a shorter one has its blank among them. */
export function firstWord({ letters }: Shape): number {
  let word = 0;
  for (let i = 3; i >= 0; i--) word = (word << 8) | (letters[i] ?? 0x20);
  return word;
}

/** How many of a verb's letters stand at `at`, in any case, before another byte or the end. */
export function lettersOf({ letters }: Shape, bytes: Uint8Array, at: number, end: number): number {
  const stop = Math.min(letters.length, end - at);
  for (let i = 0; i < stop; i++) {
    const byte = bytes[at + i]!;
    if ((byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte) !== letters[i]) return i;
  }
  return stop;
}
