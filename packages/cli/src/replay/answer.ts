// SPDX-License-Identifier: Apache-2.0
import type { ServerFrame } from "@natswire/codec";
import type { DecodedFrame } from "../frame-reader.ts";

/** What the server sends, as it is compared: a line of a transcript, or a frame of a recording. */
export interface Answer {
  readonly connection: number;
  /** Answers of one lane have an order; between lanes, any order is right. */
  readonly lane: string;
  readonly text: string;
  /** The text without what tells two copies of one message apart: copies may come in any order. */
  readonly content: string;
  /** Whether the answers of this lane have no order: they come from several connections, or go to one of several. */
  readonly isUnordered?: boolean;
  /** Whether the server sends it by itself, at any time: nothing waits for it. */
  readonly isUnprompted?: boolean;
  /** Whether it may also come if no step expects it. */
  readonly isOptional?: boolean;
}

/** Makes answers of the server's frames. PINGs are not answers. */
export type AnswerReader = (connection: number, decoded: DecodedFrame<ServerFrame<string>>) => readonly Answer[];

/** The text of the answer that stands for the end of a connection. */
export const CLOSED = "(closed)";

/** Returns an answer in the lane that a connection's own commands have: `+OK`, `-ERR` and PONG, in the order of the commands. */
export function ownAnswer(connection: number, text: string): Answer {
  return { connection, lane: String(connection), text, content: text };
}
