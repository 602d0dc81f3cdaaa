// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "../errors.ts";
import type { Limits, Options } from "../limits.ts";
import type { Verb } from "./grammar.ts";

const SP = 0x20;

/** A verb of a grammar as the scanner's loops read it: numbers and bytes, no strings to compare. */
export interface CompiledVerb extends Omit<Verb, "limit" | "args"> {
  /** The letters of the verb, upper case. */
  readonly letters: Uint8Array;
  readonly minArgs: number;
  readonly maxArgs: number;
  /** The length of the verb and the blank after it, in bytes. */
  readonly start: number;
  /** Whether a header block precedes the payload. */
  readonly headed: boolean;
  /** The longest line, in bytes. */
  readonly maxLine: number;
  /** The largest size of header block and payload together, in bytes. */
  readonly maxSize: number;
}

interface Compiled {
  readonly limits: Options<Limits>;
  readonly verbs: readonly CompiledVerb[];
}

// Every valid table, with what it was compiled to last: the next connection usually has the same limits.
const tables = /* @__PURE__ */ new WeakMap<readonly Verb[], Compiled>();

/** Marks a table of verbs as valid. */
export function validTable(verbs: readonly Verb[]): readonly Verb[] {
  tables.set(verbs, { limits: {}, verbs: [] });
  return verbs;
}

/**
 * Compiles the verbs of a grammar.
 *
 * @throws UsageError BAD_FIELD if nothing says that the table is valid
 */
export function compileVerbs(verbs: readonly Verb[], limits: Limits): readonly CompiledVerb[] {
  const last = tables.get(verbs);
  if (last === undefined) throw new UsageError("BAD_FIELD", "grammar.verbs: use compileGrammar()");
  if (isSame(last.limits, limits)) return last.verbs;
  const compiled = verbs.map(({ args: [minArgs, maxArgs], limit = "line", ...verb }) => {
    const letters = Uint8Array.from(verb.word, (letter) => letter.charCodeAt(0));
    const line = { start: letters.length + 1, headed: verb.body === "headers+size", maxLine: limits[limit] };
    return { ...verb, letters, minArgs, maxArgs, ...line, maxSize: limits.payload };
  });
  tables.set(verbs, { limits, verbs: compiled });
  return compiled;
}

function isSame(one: Options<Limits>, other: Limits): boolean {
  return one.line === other.line && one.info === other.info && one.payload === other.payload;
}

/** Returns whether the fast path can read a verb: it has at most four letters, a size, and the reply as its only option. */
export function isFast({ letters, sid, body, headed, minArgs, maxArgs }: CompiledVerb): boolean {
  if ((body !== "size" && !headed) || sid === "token" || letters.length > 4) return false;
  const needed = 2 + (sid === "digits" ? 1 : 0) + (headed ? 1 : 0);
  return minArgs === needed && maxArgs === needed + 1;
}

/** Returns the verb's first four bytes on the wire as a little-endian number. A verb of three letters ends with SP. */
export function firstFourBytes({ letters }: CompiledVerb): number {
  let word = 0;
  for (let i = 3; i >= 0; i--) word = (word << 8) | (letters[i] ?? SP);
  return word;
}

/** Returns how many letters of the verb stand at `at`, in any case, before another byte or `end`. */
export function matchingLetters({ letters }: CompiledVerb, bytes: Uint8Array, at: number, end: number): number {
  const stop = Math.min(letters.length, end - at);
  for (let i = 0; i < stop; i++) {
    const byte = bytes[at + i]!;
    if ((byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte) !== letters[i]) return i;
  }
  return stop;
}
