// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { Filter } from "../stream/filter.ts";
import type { MessageStore } from "../stream/message-store.ts";
import { readTime } from "../time.ts";
import type { ConsumerConfig } from "./consumer-config.ts";
import type { Start } from "./cursor.ts";

/**
 * Returns where a consumer starts in what a stream holds now.
 *
 * @param perSubject how many messages of a subject the stream holds at most
 */
export function startOf(config: ConsumerConfig, filter: Filter, store: MessageStore, perSubject: number): Start {
  const { first, last } = store;
  switch (config.deliver_policy) {
    case "all":
      return { next: first };
    case "new":
      return { next: last + 1 };
    case "last":
      return { next: Math.max(first, filter.length === 0 ? last : (store.lastOfEach(filter).at(-1) ?? 0)) };
    case "last_per_subject": {
      if (perSubject === 1) return { next: first };
      const only = store.lastOfEach(filter);
      return { next: Math.max(first, only[0] ?? last), only, resume: last };
    }
    case "by_start_sequence":
      return { next: Math.max(first, config.opt_start_seq ?? 0) };
    case "by_start_time":
      return { next: firstSince(store, readTime(config.opt_start_time ?? "") ?? 0) };
  }
}

/** Returns the sequence of the first message that was stored at a time or later; one above the last if they are all older. */
function firstSince(store: MessageStore, time: Millis): number {
  let low = store.first;
  let high = store.last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const message = store.next([], middle);
    if (message === undefined || message.sequence >= high || message.time >= time) high = middle;
    else low = message.sequence + 1;
  }
  return low;
}
