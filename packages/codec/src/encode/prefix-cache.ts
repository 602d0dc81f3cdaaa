// SPDX-License-Identifier: Apache-2.0
import { isRelayable } from "../subject.ts";
import { utf8 } from "../text.ts";

// The table takes at most about 400 KB.
const MAX_PREFIXES = 1024;
const MAX_SUBJECT = 128;
// Adding a subject takes as long as 16 hits save. The hits pay for it, with a credit for 64 subjects at most.
const COST = 16;
const MAX_CREDIT = 64 * COST;
// Without credit, subjects are assumed to differ, and only one in 64 is added.
const RETRY_MASK = 63;

/**
 * The bytes of `PUB subject ` or `MSG subject ` as doubles, to be stored eight bytes at a time.
 *
 * No eight bytes of it are NaN, whose bits an engine may change: NaN contains a 0x7F or a 0xFF, and a valid subject
 * contains neither.
 */
export interface Prefix {
  /** The bytes; the last double may be padded with zeros. */
  readonly words: Float64Array;
  /** The number of bytes without padding. */
  readonly length: number;
}

/** Caches how control lines begin, by subject. Only valid subjects are added, so a hit needs no check. */
export class PrefixCache {
  /** The verb and the blank after it. */
  readonly verb: string;
  readonly #known = new Map<string, Prefix>();
  #last: string | undefined;
  #lastPrefix: Prefix | undefined;
  #credit = MAX_CREDIT;
  #misses = 0;

  constructor(verb: string) {
    this.verb = verb;
  }

  /** Returns how the line begins, or `undefined` if the subject is not valid or not worth caching. */
  get(subject: string): Prefix | undefined {
    if (subject === this.#last) return this.#lastPrefix;
    let prefix = this.#known.get(subject);
    if (prefix === undefined) prefix = this.#add(subject);
    else if (this.#credit < MAX_CREDIT) this.#credit++;
    if (prefix === undefined) return undefined;
    this.#last = subject;
    this.#lastPrefix = prefix;
    return prefix;
  }

  #add(subject: string): Prefix | undefined {
    if (this.#credit >= COST) this.#credit -= COST;
    else if ((++this.#misses & RETRY_MASK) !== 0) return undefined;
    if (!isRelayable(subject) || subject.length > MAX_SUBJECT) return undefined;
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
