// SPDX-License-Identifier: Apache-2.0
import type { Limits } from "./limits.ts";
import type { Scanner } from "./scanner.ts";

/** One verb of a grammar: how its control line is cut and what follows it. */
export interface Verb {
  /** Upper case; the wire may use any case. */
  readonly word: string;
  /** What `Scanner.next()` returns for it: a positive integer of the grammar's choice. */
  readonly kind: number;
  /** Fewest and most arguments. */
  readonly args: readonly [min: number, max: number];
  /** Where the verb has a sid: decimal digits (the client allocated it), or any token (it is only echoed). */
  readonly sid: "none" | "digits" | "token";
  /**
   * What follows the arguments. With a size the arguments are `subject [sid] [reply] [headers size] size`; with none
   * they are `subject [queue] sid`, or `sid [max]` where one is enough; text and json take the rest of the line.
   */
  readonly body: "none" | "size" | "headers+size" | "text" | "json";
  /** Which limit bounds the line; `line` where it is left out. */
  readonly limit?: "line" | "info";
}

/**
 * A side of the conversation as data: the verbs its peer may send, and how to make a frame of one.
 *
 * A grammar is a table, not a set of methods, so that one engine runs all of them without a call per byte.
 */
export interface Grammar<F> {
  readonly verbs: readonly Verb[];
  /** The default limits; those of `serverFrames` if left out. */
  readonly limits?: Limits;
  /** Makes the frame the scanner stands on; runs once per pulled frame, in Decoder only. */
  frame(at: Scanner): F;
}
