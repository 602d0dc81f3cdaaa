// SPDX-License-Identifier: Apache-2.0

/**
 * Bytes that are kept to be compared, eight at a time, as doubles; the last eight overlap the ones before, so there
 * must be eight or more (`subject 16 B`, `subject 16 B, 100 subjects`).
 *
 * Doubles are equal where their bytes are, but for zero and for NaN. Zero has two signs, and eight bytes of it have
 * control bytes, which nobody keeps: it never equals what was kept. NaN takes a 0xFF or a 0x7F and equals nothing: where
 * it is kept, it is only a miss.
 */
const EIGHT = 8;

/** Keeps `length` bytes from `at` on, in the doubles from `word` on. */
export function saveWords(view: DataView, at: number, length: number, words: Float64Array, word: number): void {
  const last = length - EIGHT;
  for (let i = 0; i < last; i += EIGHT) words[word++] = view.getFloat64(at + i, true);
  words[word] = view.getFloat64(at + last, true);
}

/** Whether the bytes from `at` on are those that were kept. */
export function equalsWords(view: DataView, at: number, length: number, words: Float64Array, word: number): boolean {
  const last = length - EIGHT;
  for (let i = 0; i < last; i += EIGHT) if (view.getFloat64(at + i, true) !== words[word++]) return false;
  return view.getFloat64(at + last, true) === words[word];
}
