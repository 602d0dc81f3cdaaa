// SPDX-License-Identifier: Apache-2.0

// Bytes are saved and compared eight at a time, as doubles (`subject 16 B`, `subject 16 B, 100 subjects`). The last eight
// bytes overlap those before, so there must be at least eight.
//
// Two doubles are equal if their bytes are, and only then, except for zero and NaN. Zero has two signs, but eight bytes of
// either contain control bytes, which are never saved: so zero never equals a saved word. NaN contains a 0xFF or a 0x7F
// and equals nothing: if it is saved, the comparison fails and nothing worse happens.
const EIGHT = 8;

/** Saves `length` bytes from `at` on as doubles, from `words[word]` on. */
export function saveWords(view: DataView, at: number, length: number, words: Float64Array, word: number): void {
  const last = length - EIGHT;
  for (let i = 0; i < last; i += EIGHT) words[word++] = view.getFloat64(at + i, true);
  words[word] = view.getFloat64(at + last, true);
}

/** Returns whether the bytes from `at` on equal those that were saved. */
export function equalsWords(view: DataView, at: number, length: number, words: Float64Array, word: number): boolean {
  const last = length - EIGHT;
  for (let i = 0; i < last; i += EIGHT) if (view.getFloat64(at + i, true) !== words[word++]) return false;
  return view.getFloat64(at + last, true) === words[word];
}
