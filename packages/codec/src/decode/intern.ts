// SPDX-License-Identifier: Apache-2.0

import { decodeText, isClean } from "../text.ts";
import { equalsWords, saveWords } from "./words.ts";

// Two ways of 1,024: a thousand live subjects fit, and the table is 140 KB, allocated at first use.
const SETS = 1024;
const MAX_LENGTH = 64;
const EIGHT = 8;
const WORDS = MAX_LENGTH / EIGHT;
// After so many misses in a row subjects are taken to be all different, and one in sixteen is looked for.
const MISS_LIMIT = 64;
const RETRY_MASK = 15;

let hashes: Int32Array | undefined;
let words: Float64Array | undefined;
// Bytes of each text; 0 where there is none.
let lengths: Uint8Array | undefined;
const texts: (string | undefined)[] = [];
let misses = 0;

/**
 * The string of a subject that was seen before, or a new one.
 *
 * Only subjects without flaw enter the table, so being found proves `clean`. One table serves every decoder of
 * the module: it holds at most 2,048 strings of at most 64 characters.
 *
 * No eight bytes of a clean subject are zero or NaN as a double, so equal doubles are equal bytes.
 *
 * @param view of the same memory as the bytes
 * @param hash any hash of the bytes; equal bytes must come with equal hashes for a hit
 */
export function intern(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  hash: number,
): string | undefined {
  const length = end - start;
  if (length > MAX_LENGTH) return undefined;
  if (misses > MISS_LIMIT && (++misses & RETRY_MASK) !== 0) return undefined;
  hashes ??= new Int32Array(2 * SETS);
  words ??= new Float64Array(2 * SETS * WORDS);
  lengths ??= new Uint8Array(2 * SETS);
  let way = ((hash ^ (hash >>> 15)) & (SETS - 1)) << 1;
  for (let left = 2; left > 0; left--, way++) {
    if (hashes[way] !== hash || lengths[way] !== length) continue;
    if (length < EIGHT ? equalsText(texts[way]!, bytes, start) : equalsWords(view, start, length, words, way * WORDS)) {
      misses = 0;
      return texts[way];
    }
  }
  return add({ hashes, words, lengths }, way - 2, bytes, view, start, end, hash);
}

function equalsText(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

interface Table {
  readonly hashes: Int32Array;
  readonly words: Float64Array;
  readonly lengths: Uint8Array;
}

function add(
  table: Table,
  way: number,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  hash: number,
): string | undefined {
  misses++;
  if (!isClean(bytes, start, end)) return undefined;
  const text = decodeText(bytes, start, end);
  const length = end - start;
  // Short ones are compared letter by letter.
  if (length < EIGHT && text.length !== length) return undefined;
  // The newer of a set stands first; the older is the one to lose.
  const word = way * WORDS;
  table.hashes[way + 1] = table.hashes[way]!;
  table.lengths[way + 1] = table.lengths[way]!;
  texts[way + 1] = texts[way];
  table.words.copyWithin(word + WORDS, word, word + WORDS);
  table.hashes[way] = hash;
  table.lengths[way] = length;
  texts[way] = text;
  if (length < EIGHT) return text;
  saveWords(view, start, length, table.words, word);
  return text;
}
