// SPDX-License-Identifier: Apache-2.0
import { equalsWords, saveWords } from "./words.ts";

const MAX_LENGTH = 128;
const EIGHT = 8;

/**
 * The line read last, to compare with the next one.
 *
 * Streams repeat themselves: where the same subject came twice in a row its `MSG subject sid ` or `PUB subject ` is
 * expected a third time, and then neither its blanks are searched nor its string is made. Where the sizes came twice
 * too, the whole line is expected, and then the place of the next one does not wait for digits to be read.
 */
export class LastLine {
  /** Bytes of the start, its last blank included; 0 where nothing is expected. */
  length = 0;
  /** Bytes of the whole line, its CRLF included; 0 where only the start is expected. */
  line = 0;
  sid = 0;
  hash = 0;
  /** Where the subject ends, counted from the verb. */
  subjectEnd = 0;
  /** Bytes of the headers, -1 for a verb without, and of headers and payload together. */
  headers = -1;
  size = -1;
  /** The subject of the line read last, once somebody asked for it. */
  text: string | undefined;
  readonly #words: Float64Array = new Float64Array(MAX_LENGTH / EIGHT);
  #end = 0;

  /** Expects nothing. */
  forget(): void {
    this.length = this.line = 0;
    this.text = undefined;
  }

  /** Expects the start at `at` again; not where it is too short or too long for that. */
  learn(view: DataView, at: number, length: number): void {
    if (length < EIGHT || length > MAX_LENGTH) return;
    saveWords(view, at, length, this.#words, 0);
    this.length = length;
  }

  /** Whether the start stands at `at`; only to be asked where something is expected. */
  isAt(view: DataView, at: number, end: number): boolean {
    return at + this.length <= end && equalsWords(view, at, this.length, this.#words, 0);
  }

  /** Expects the whole line again, where the size came twice and no more than eight bytes are behind the start. */
  learnEnd(view: DataView, at: number, length: number, headers: number, size: number): void {
    const again = size === this.size && length - this.length <= EIGHT;
    this.line = again ? length : 0;
    if (again) this.#end = view.getFloat64(at + length - EIGHT, true);
    this.headers = headers;
    this.size = size;
  }

  /** Whether the whole line stands where its start does: the last eight bytes are all that is not compared yet. */
  endsAt(view: DataView, at: number, end: number): boolean {
    const { line } = this;
    return line !== 0 && at + line <= end && view.getFloat64(at + line - EIGHT, true) === this.#end;
  }
}
