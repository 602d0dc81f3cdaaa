// SPDX-License-Identifier: Apache-2.0
import { equalsWords, saveWords } from "./words.ts";

const MAX_LENGTH = 128;
const EIGHT = 8;

/**
 * Remembers the last control line, to predict the next one.
 *
 * Streams repeat themselves. If the same subject came twice in a row, `MSG subject sid ` or `PUB subject ` is expected a
 * third time: if it comes, its blanks are not searched and its string is not made again. If the sizes came twice too,
 * the whole line is expected: if it comes, its digits are not read either.
 */
export class LastLine {
  /** The length of the expected start, its last blank included; 0 if nothing is expected. */
  length = 0;
  /** The length of the expected line, its CRLF included; 0 if only the start is expected. */
  line = 0;
  sid = 0;
  hash = 0;
  /** The end of the subject, counted from the start of the line. */
  subjectEnd = 0;
  /** The size of the header block (-1 for a verb without headers), and of headers and payload together. */
  headers = -1;
  size = -1;
  /** The subject of the last line, once it was asked for. */
  text: string | undefined;
  readonly #words: Float64Array = new Float64Array(MAX_LENGTH / EIGHT);
  #end = 0;

  /** Expects nothing of the next line. */
  forget(): void {
    this.length = this.line = 0;
    this.text = undefined;
  }

  /** Expects the start at `at` again, unless it is too short or too long for that. */
  learn(view: DataView, at: number, length: number): void {
    if (length < EIGHT || length > MAX_LENGTH) return;
    saveWords(view, at, length, this.#words, 0);
    this.length = length;
  }

  /** Returns whether the expected start is at `at`. Only valid if something is expected. */
  isAt(view: DataView, at: number, end: number): boolean {
    return at + this.length <= end && equalsWords(view, at, this.length, this.#words, 0);
  }

  /** Expects the whole line again, if the size came twice and at most eight bytes follow the start. */
  learnEnd(view: DataView, at: number, length: number, headers: number, size: number): void {
    const again = size === this.size && length - this.length <= EIGHT;
    this.line = again ? length : 0;
    if (again) this.#end = view.getFloat64(at + length - EIGHT, true);
    this.headers = headers;
    this.size = size;
  }

  /** Returns whether the expected line is at `at`, where its start is: it compares the last eight bytes. */
  endsAt(view: DataView, at: number, end: number): boolean {
    const { line } = this;
    return line !== 0 && at + line <= end && view.getFloat64(at + line - EIGHT, true) === this.#end;
  }
}
