// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { Shape } from "../api/json-request.ts";
import { hasWildcard } from "./filter.ts";
import type { MessageStore } from "./message-store.ts";
import type { Stored } from "./stored.ts";

/** Which messages of a stream are wanted, as it is written in JSON. */
export interface MessageQuery {
  readonly seq?: number;
  readonly last_by_subj?: string;
  readonly next_by_subj?: string;
  readonly batch?: number;
  readonly max_bytes?: number;
  readonly start_time?: Millis;
  readonly multi_last?: readonly string[];
  readonly up_to_seq?: number;
  readonly up_to_time?: Millis;
}

/** The fields of a query. */
export const messageQueryShape: Shape = {
  seq: "uint",
  last_by_subj: "text",
  next_by_subj: "text",
  batch: "int",
  max_bytes: "int",
  start_time: "time",
  multi_last: { list: "text" },
  up_to_seq: "uint",
  up_to_time: "time",
};

/** Returns whether a query names no message at all. */
export function isEmptyQuery(query: MessageQuery): boolean {
  const { seq, last_by_subj: last, next_by_subj: next, multi_last: multi = [], start_time: start } = query;
  return !seq && !last && !next && multi.length === 0 && start === undefined;
}

/** Returns whether fields of a query exclude each other. */
export function isContradictory(query: MessageQuery): boolean {
  const { seq, last_by_subj: last, next_by_subj: next, start_time: start, multi_last: multi = [] } = query;
  const starts = [Boolean(seq), Boolean(last), start !== undefined].filter(Boolean).length;
  const subjects = [Boolean(last), Boolean(next), multi.length > 0].filter(Boolean).length;
  return (
    starts > 1 ||
    subjects > 1 ||
    (Boolean(last) && (query.batch ?? 0) > 0) ||
    (Boolean(query.up_to_seq) && query.up_to_time !== undefined)
  );
}

/** Returns the sequence that a query begins at; 0 if it says none. */
export function startOf({ seq = 0, start_time: start }: MessageQuery, store: MessageStore): number {
  return start === undefined ? seq : store.sequenceAt(start);
}

/** Returns the message that a query for one is about. */
export function findMessage(query: MessageQuery, store: MessageStore): Stored | undefined {
  const { next_by_subj: next, last_by_subj: last = "" } = query;
  const start = startOf(query, store);
  if (next) return store.next([next], start);
  return start > 0 ? store.get(start) : lastMessage(last, store);
}

function lastMessage(subject: string, store: MessageStore): Stored | undefined {
  const sequence = hasWildcard(subject) ? store.lastOfEach([subject]).at(-1) : store.sequencesOf(subject)?.last;
  return sequence === undefined ? undefined : store.get(sequence);
}
