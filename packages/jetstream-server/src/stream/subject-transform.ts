// SPDX-License-Identifier: Apache-2.0
import { isPattern, utf8 } from "@natswire/codec";
import { passes } from "./filter.ts";
import type { TransformConfig } from "./stream-config.ts";

/** Returns what a subject becomes, or `undefined` if it does not match the source of the transform. */
export type SubjectTransform = (subject: string) => string | undefined;

/** A part of a destination: what it is made of. The tokens are those of the subject; `at` are indexes of wildcards in them. */
type Part = (tokens: readonly string[]) => string;

/** A transform that cannot be made. */
export class TransformError extends Error {}

/**
 * Makes a transform of a source pattern and a destination.
 *
 * @returns `undefined` if the destination is empty: then subjects stay as they are
 * @throws TransformError the text of nats-server
 */
export function subjectTransform({ src, dest }: TransformConfig): SubjectTransform | undefined {
  if (dest === "") return undefined;
  const pattern = src === "" ? ">" : src;
  const source = pattern.split(".");
  const parts = dest.split(".");
  const isOpen = source.at(-1) === ">";
  for (const [i, token] of parts.entries()) {
    if (token === "" || parts[i - 1] === ">") throw invalid("invalid transform", token);
  }
  if (!isPattern(pattern) || !isDestination(dest) || parts.includes("*") || isOpen !== (parts.at(-1) === ">")) {
    throw new TransformError("invalid subject");
  }
  const wildcards = source.flatMap((token, i) => (token === "*" ? [i] : []));
  const made = (isOpen ? parts.slice(0, -1) : parts).map((token) => partOf(token, wildcards));
  return (subject) => {
    if (!passes([pattern], subject)) return undefined;
    const tokens = subject.split(".");
    const rest = isOpen ? tokens.slice(source.length - 1) : [];
    return [...made.map((part) => part(tokens)), ...rest].join(".");
  };
}

/** Returns the first of several transforms that applies; the subject itself without one. */
export function transformed(transforms: readonly (SubjectTransform | undefined)[], subject: string): string {
  for (const transform of transforms) {
    const changed = transform?.(subject);
    if (changed !== undefined) return changed;
  }
  return subject;
}

/** Returns whether a destination is a valid subject; blanks are allowed in functions. */
function isDestination(dest: string): boolean {
  return isPattern(dest.replace(/\{\{[^{}]*\}\}/g, (call) => call.replace(/[\s]/g, "")));
}

function partOf(token: string, wildcards: readonly number[]): Part {
  const index = (given: string): number => {
    const n = wholeNumber(given, token);
    const at = wildcards[n - 1];
    if (at !== undefined) return at;
    throw invalid("wildcard index out of range", wildcards.length === 0 ? token : `${token}: [${n}]`);
  };
  const old = /^\$(\d+)$/.exec(token);
  if (old !== null) {
    const at = index(old[1]!);
    return (tokens) => tokens[at]!;
  }
  if (!/^\{\{.+\}\}$/.test(token)) return () => token;
  const [, name = "", list = ""] = /^\{\{\s*(\w+)\s*\((.*)\)\s*\}\}$/.exec(token) ?? [];
  const make = functions[name.toLowerCase()];
  if (make === undefined) throw invalid("unknown function", token);
  const [fewest, most, part] = make;
  const given = list === "" ? [] : list.split(/,\s*/);
  if (given.length < fewest) throw invalid("not enough arguments passed to the function", token);
  if (given.length > most) throw invalid("too many arguments passed to the function", token);
  return part(given, index, token);
}

type Make = (given: readonly string[], index: (given: string) => number, token: string) => Part;

/** A function of one token and a number. */
const ofToken =
  (apply: (token: string, n: number) => string): Make =>
  ([first = "", second = ""], index, token) => {
    const at = index(first);
    const n = wholeNumber(second, token);
    return (tokens) => apply(tokens[at]!, n);
  };

/** Splits a token in two, unless the position is outside. */
function splitAt(token: string, position: number): string {
  return position > 0 && position < token.length ? `${token.slice(0, position)}.${token.slice(position)}` : token;
}

/** Splits a token in slices, of which the first has `first` characters and the others `size`. */
function slices(token: string, first: number, size: number): string {
  if (size <= 0 || size >= token.length) return token;
  const parts = first > 0 ? [token.slice(0, first)] : [];
  for (let i = first; i < token.length; i += size) parts.push(token.slice(i, i + size));
  return parts.join(".");
}

/** By name: the fewest and the most arguments, and what makes the part. */
const functions: Readonly<Record<string, readonly [fewest: number, most: number, make: Make]>> = {
  wildcard: [
    1,
    1,
    ([first = ""], index) => {
      const at = index(first);
      return (tokens) => tokens[at]!;
    },
  ],
  partition: [
    2,
    Number.POSITIVE_INFINITY,
    ([first = "", ...rest], index, token) => {
      const buckets = wholeNumber(first, token);
      const at = rest.map(index);
      return (tokens) => String(fnv1a(at.map((i) => tokens[i]).join("")) % buckets);
    },
  ],
  split: [
    2,
    2,
    ([first = "", delimiter = ""], index, token) => {
      if (/[ .]/.test(delimiter)) throw invalid("function argument is invalid or in the wrong format", token);
      const at = index(first);
      return (tokens) => tokens[at]!.split(delimiter).filter(Boolean).join(".");
    },
  ],
  splitfromleft: [2, 2, ofToken(splitAt)],
  splitfromright: [2, 2, ofToken((token, n) => splitAt(token, token.length - n))],
  slicefromleft: [2, 2, ofToken((token, n) => slices(token, 0, n))],
  slicefromright: [2, 2, ofToken((token, n) => slices(token, token.length % n, n))],
};

function wholeNumber(text: string, token: string): number {
  if (!/^\s*-?\d+\s*$/.test(text)) throw invalid("function argument is invalid or in the wrong format", token);
  return Number(text);
}

function invalid(reason: string, token: string): TransformError {
  return new TransformError(`invalid mapping destination: ${reason} in ${token}`);
}

/** Returns the 32-bit FNV-1a hash of a text. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
