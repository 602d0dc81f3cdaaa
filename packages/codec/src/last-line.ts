// SPDX-License-Identifier: Apache-2.0

const LONGEST = 128;
const EIGHT = 8;

/**
 * The start of the line read last, `MSG subject sid ` or `PUB subject `, to compare with the next one.
 *
 * Streams repeat themselves: where the same subject came twice in a row it is expected a third time, and then neither
 * its blanks are searched nor its string is made.
 *
 * Eight bytes are compared at a time, as doubles, the last ones overlapping. Doubles are equal where their bytes are,
 * but for zero, which has two signs and cannot stand in a line without control bytes, and for NaN, which equals nothing
 * and so is only a miss.
 */
export class LastLine {
  /** Bytes of the start, its last blank included; 0 where nothing is expected. */
  length = 0;
  sid = 0;
  hash = 0;
  /** Where the subject ends, counted from the verb. */
  subjectEnd = 0;
  /** The subject, once somebody asked for it. */
  text: string | undefined;
  readonly #words: Float64Array = new Float64Array(LONGEST / EIGHT);

  /** Expects the line at `at` again; not where it is too short or too long for that. */
  learn(view: DataView, at: number, length: number): void {
    if (length < EIGHT || length > LONGEST) return;
    const last = length - EIGHT;
    const words = this.#words;
    let i = 0;
    for (; i < last; i += EIGHT) words[i >> 3] = view.getFloat64(at + i, true);
    words[i >> 3] = view.getFloat64(at + last, true);
    this.length = length;
  }

  /** Whether it stands at `at`; only to be asked where something is expected. */
  isAt(view: DataView, at: number, end: number): boolean {
    const last = this.length - EIGHT;
    if (at + last + EIGHT > end) return false;
    const words = this.#words;
    let i = 0;
    for (; i < last; i += EIGHT) if (view.getFloat64(at + i, true) !== words[i >> 3]) return false;
    return view.getFloat64(at + last, true) === words[i >> 3];
  }
}
