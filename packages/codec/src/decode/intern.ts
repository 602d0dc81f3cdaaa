// SPDX-License-Identifier: Apache-2.0

import { decodeText, equalsAscii, isClean } from "../text.ts";
import { equalsWords, saveWords } from "./words.ts";

// 1,024 sets of two entries: a thousand live subjects fit. The table takes 140 KB, allocated at first use.
const SETS = 1024;
const MAX_LENGTH = 64;
const EIGHT = 8;
const WORDS = MAX_LENGTH / EIGHT;
// After this many misses in a row, subjects are assumed to differ, and only one in sixteen is looked up.
const MISS_LIMIT = 64;
const RETRY_MASK = 15;

let hashes: Int32Array | undefined;
let words: Float64Array | undefined;
// The length of each text in bytes; 0 for a free entry.
let lengths: Uint8Array | undefined;
const texts: (string | undefined)[] = [];
let misses = 0;

/**
 * Returns the string of a subject: the same object if it was seen before. Returns `undefined` if it is not interned.
 *
 * Only subjects without a flaw enter the table, so a subject that is found needs no check. One table serves all decoders:
 * it holds at most 2,048 strings of at most 64 characters. No eight bytes of such a subject are zero or NaN as a double,
 * so equal doubles are equal bytes.
 *
 * @param view a view of the same memory as `bytes`
 * @param hash a hash of the subject: equal subjects must have equal hashes
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
  let entry = ((hash ^ (hash >>> 15)) & (SETS - 1)) << 1;
  for (let left = 2; left > 0; left--, entry++) {
    if (hashes[entry] !== hash || lengths[entry] !== length) continue;
    if (
      length < EIGHT ? equalsAscii(texts[entry]!, bytes, start) : equalsWords(view, start, length, words, entry * WORDS)
    ) {
      misses = 0;
      return texts[entry];
    }
  }
  return add({ hashes, words, lengths }, entry - 2, bytes, view, start, end, hash);
}

interface Table {
  readonly hashes: Int32Array;
  readonly words: Float64Array;
  readonly lengths: Uint8Array;
}

function add(
  table: Table,
  entry: number,
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
  // Short subjects are compared letter by letter.
  if (length < EIGHT && text.length !== length) return undefined;
  // The newer entry of a set comes first. The older one is replaced.
  const word = entry * WORDS;
  table.hashes[entry + 1] = table.hashes[entry]!;
  table.lengths[entry + 1] = table.lengths[entry]!;
  texts[entry + 1] = texts[entry];
  table.words.copyWithin(word + WORDS, word, word + WORDS);
  table.hashes[entry] = hash;
  table.lengths[entry] = length;
  texts[entry] = text;
  if (length < EIGHT) return text;
  saveWords(view, start, length, table.words, word);
  return text;
}
