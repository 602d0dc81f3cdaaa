// SPDX-License-Identifier: Apache-2.0
import { decodeText, isClean } from "./text.ts";

// Two ways of 1,024: a thousand live subjects fit, and the table stays below 100 KB.
const SETS = 1024;
const LONGEST = 96;

let hashes: Int32Array | undefined;
const texts: (string | undefined)[] = [];

/**
 * The string of a subject that was seen before, or a new one.
 *
 * Only ASCII subjects without flaw enter the table, so being found proves `clean`. One table serves every decoder of
 * the module: it holds at most 2,048 strings of at most 96 characters and is allocated at first use.
 *
 * @param hash any hash of the bytes; equal bytes must come with equal hashes for a hit
 */
export function intern(bytes: Uint8Array, start: number, end: number, hash: number): string | undefined {
  hashes ??= new Int32Array(2 * SETS);
  const table = hashes;
  const way = ((hash ^ (hash >>> 15)) & (SETS - 1)) << 1;
  const first = texts[way];
  if (first !== undefined && table[way] === hash && same(first, bytes, start, end)) return first;
  const second = texts[way + 1];
  if (second !== undefined && table[way + 1] === hash && same(second, bytes, start, end)) return second;
  return enter(table, way, bytes, start, end, hash);
}

function same(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

function enter(
  table: Int32Array,
  way: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  hash: number,
): string | undefined {
  if (end - start > LONGEST || !isClean(bytes, start, end)) return undefined;
  const text = decodeText(bytes, start, end);
  if (text.length !== end - start) return undefined;
  // The newer of a set stands first; the older is the one to lose.
  table[way + 1] = table[way]!;
  texts[way + 1] = texts[way];
  table[way] = hash;
  texts[way] = text;
  return text;
}
