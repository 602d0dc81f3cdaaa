// SPDX-License-Identifier: Apache-2.0
import type { ProtocolErrorCode } from "../errors.ts";
import type { Flaw } from "../frames.ts";
import type { Limits } from "../limits.ts";

/**
 * A verb of a grammar, as the scanner reads it: how its control line is split into arguments, and what follows the line.
 *
 * A table of verbs is made by `compileGrammar` of `@natswire/codec/grammar`.
 */
export interface Verb {
  /** The verb in upper case. A peer may send it in any case. */
  readonly word: string;
  /** What `Scanner.next()` returns for the verb: a positive integer, unique within the grammar. */
  readonly kind: number;
  /** The smallest and the largest number of arguments. */
  readonly args: readonly [min: number, max: number];
  /** The form of the sid: `digits` (1 to 15 decimal digits), `token` (any token) or `none` (the verb has no sid). */
  readonly sid: "none" | "digits" | "token";
  /**
   * The form of the arguments, and what follows the control line:
   *
   * - `size`: `subject [sid] [reply] size`, then a payload and CRLF
   * - `headers+size`: `subject [sid] [reply] headers-size size`, then a header block, a payload and CRLF
   * - `none`: `subject [queue] sid`, or `sid [max]` if one argument is enough; nothing follows
   * - `text`, `json`: the rest of the line is one argument; nothing follows
   */
  readonly body: "none" | "size" | "headers+size" | "text" | "json";
  /** The limit for the length of the line; `line` by default. */
  readonly limit?: "line" | "info";
  /** Reads the arguments of a line of another form, sizes excepted. Without it they have the form that `body` says. */
  readonly read?: (line: LineFields, bytes: Uint8Array) => void;
}

/** The control line that a scanner reads, as `Verb.read` gets it. Positions are counted in bytes. */
export interface LineFields {
  /** The number of arguments. */
  count: number;
  /** The start and end of each argument, in pairs. */
  args: number[];
  subject: number;
  subjectEnd: number;
  reply: number;
  replyEnd: number;
  sidAt: number;
  sidEnd: number;
  sid: number;
  max: number | undefined;
  /**
   * Returns an argument as a number.
   *
   * @throws ProtocolError BAD_SID for a sid of other characters than 1 to 15 digits, BAD_SIZE for another number that is not
   * 1 to 9 digits
   */
  readNumber(arg: number, name: string): number;
  /** Throws the error for this line. */
  reject(code: ProtocolErrorCode, message: string): never;
}

/**
 * The frame that a scanner currently stands on, as `Grammar.frame` reads it.
 *
 * The values are valid until the scanner moves on. Header block and payload are borrowed: see "Lifetimes" in
 * docs/codec.md.
 */
export interface FrameCursor {
  /** The kind of the frame's verb. */
  readonly kind: number;
  /** The sid as a number; 0 if the verb has no sid or an opaque one. */
  readonly sid: number;
  /** The `max` argument of UNSUB. */
  readonly max: number | undefined;
  /** The size of header block and payload together, in bytes. */
  readonly size: number;
  /** Returns the subject. If it is not UTF-8, each byte >= 0x80 becomes the lone surrogate U+DC00 + byte. */
  subject(): string;
  /** Returns whether this is the subject. Makes no string if it is. */
  isSubject(text: string): boolean;
  /** Returns a byte of the subject, or -1 if it has none there. A negative index counts from its end. */
  subjectByteAt(index: number): number;
  /** Returns the reply subject, decoded like the subject. */
  reply(): string | undefined;
  /** Returns the queue group of SUB, decoded like the subject. */
  queue(): string | undefined;
  /** Returns the sid as it was sent, decoded like the subject. */
  sidText(): string;
  /** Returns the argument of a verb with `text` or `json`, without surrounding blanks. */
  text(): string;
  /** Returns the header block, or `undefined` if the verb has none. */
  headers(): Uint8Array | undefined;
  /** Returns the payload, without the header block. */
  payload(): Uint8Array;
  /** Returns the raw bytes of the frame, line ends included, borrowed. */
  frame(): Uint8Array | undefined;
  /** Returns which names hold bytes that no valid subject has. */
  flaw(): Flaw;
  /**
   * Rejects the frame for a reason that only the grammar knows.
   *
   * @throws ProtocolError always; the scanner throws the same error from then on
   */
  fail(code: ProtocolErrorCode, message: string): never;
}

/**
 * What one side sends: a table of its verbs, and a function that makes a frame of each.
 *
 * `serverFrames` and `clientFrames` are grammars; `compileGrammar` of `@natswire/codec/grammar` makes others. A grammar is a
 * table and not a set of methods, so that one scanner runs all of them without a call per byte.
 */
export interface Grammar<F> {
  /** The compiled verbs. Of those with a size, the last one that has the line of MSG or PUB is the fastest. */
  readonly verbs: readonly Verb[];
  /** The default limits; by default those of `serverFrames`. */
  readonly limits?: Limits;
  /** Makes a frame of what the scanner stands on. `Decoder.pull()` calls it once per frame. */
  frame(at: FrameCursor): F;
}
