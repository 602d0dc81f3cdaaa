// SPDX-License-Identifier: Apache-2.0
import type { Verb } from "./grammar.ts";

/**
 * Where the parts of the current frame are in memory. A part that is not there ends where it begins.
 *
 * `bytes` is borrowed, as views are: see "Lifetimes" in docs/codec.md. At a part of a frame (`PART`) there is only a body.
 */
export interface Positions {
  /** The verb; `undefined` without a frame, and at a later part of one. */
  readonly verb: Pick<Verb, "word" | "kind" | "sid" | "body" | "read"> | undefined;
  /** Memory that holds the frame from `start` to `end`, and other bytes before and after it. */
  readonly bytes: Uint8Array;
  /** The same memory, if it has at least 16 bytes. */
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  /** The subject; the argument of INFO, CONNECT and -ERR. */
  readonly subject: number;
  readonly subjectEnd: number;
  /** The reply; the queue group of SUB. */
  readonly reply: number;
  readonly replyEnd: number;
  readonly sid: number;
  readonly sidEnd: number;
  /** The header block from `body` to `headersEnd`, which is -1 if the verb has none. */
  readonly body: number;
  readonly headersEnd: number;
  /** The end of the payload, which begins after the header block. */
  readonly bodyEnd: number;
}
