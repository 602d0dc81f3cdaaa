// SPDX-License-Identifier: Apache-2.0
import { utf8 } from "../text.ts";

// A table of at most some 400 KB.
const MAX_PREFIXES = 1024;
const MAX_SUBJECT = 128;
// After so many misses in a row subjects are taken to be all different, and a miss costs nothing more.
const MISS_LIMIT = 64;

/**
 * `PUB subject ` or `MSG subject ` as doubles to be stored eight bytes at a time; the last one may hang over.
 *
 * No eight bytes of it are NaN, whose bits an engine may change: that takes a 0x7F or a 0xFF, and a valid subject has
 * neither.
 */
export interface Prefix {
  readonly words: Float64Array;
  readonly length: number;
}

/** The line starts that encoders wrote before. Only what was validated gets in, so a hit needs no check. */
export class PrefixCache {
  /** With its blank. */
  readonly verb: string;
  readonly isValid: (subject: string) => boolean;
  readonly #known = new Map<string, Prefix>();
  #last: string | undefined;
  #lastPrefix: Prefix | undefined;
  #misses = 0;

  constructor(verb: string, isValid: (subject: string) => boolean) {
    this.verb = verb;
    this.isValid = isValid;
  }

  /** The line start for a subject; `undefined` where the subject is not valid, or not worth keeping. */
  get(subject: string): Prefix | undefined {
    if (subject === this.#last) return this.#lastPrefix;
    let prefix = this.#known.get(subject);
    if (prefix !== undefined) this.#misses = 0;
    else prefix = this.#add(subject);
    if (prefix === undefined) return undefined;
    this.#last = subject;
    this.#lastPrefix = prefix;
    return prefix;
  }

  #add(subject: string): Prefix | undefined {
    if (++this.#misses > MISS_LIMIT && this.#misses % MISS_LIMIT !== 0) return undefined;
    if (!this.isValid(subject) || subject.length > MAX_SUBJECT) return undefined;
    const bytes = utf8.encode(`${this.verb}${subject} `);
    const padded = new Uint8Array((bytes.length + 7) & ~7);
    padded.set(bytes);
    const view = new DataView(padded.buffer);
    const words = new Float64Array(padded.length >> 3);
    for (let i = 0; i < words.length; i++) words[i] = view.getFloat64(8 * i, true);
    if (this.#known.size >= MAX_PREFIXES) this.#known.clear();
    const prefix = { words, length: bytes.length };
    this.#known.set(subject, prefix);
    return prefix;
  }
}
