// SPDX-License-Identifier: Apache-2.0
import { copyAll } from "./copier.ts";
import type { MessageStore } from "./message-store.ts";
import type { Stream } from "./stream.ts";

/** Which messages to purge: all by default. */
export interface PurgeRequest {
  /** Only those whose subject matches. */
  readonly filter?: string;
  /** Only those below this sequence. */
  readonly seq?: number;
  /** Keeps this many of the last ones. */
  readonly keep?: number;
}

/** Purges messages of a stream. Returns how many. */
export function purge(stream: Stream, request: PurgeRequest): number {
  const { store, consumers, copiers } = stream;
  const before = store.count;
  if (request.filter && request.filter !== ">") {
    for (const sequence of purgedOf(request, store)) stream.remove(sequence);
    return before - store.count;
  }
  const below = purgeBelow(request, store);
  if (below === 0) return 0;
  if (below > store.last) {
    store.clear();
    store.skipTo(below - 1);
  } else while (store.first < below) store.remove(store.first);
  for (const consumer of consumers.values()) consumer.purged(store.first);
  copyAll(copiers);
  return before - store.count;
}

/** Returns the first sequence that a purge without a filter keeps, or 0 if it keeps everything. */
function purgeBelow({ seq = 0, keep = 0 }: PurgeRequest, store: MessageStore): number {
  if (seq === 0 && keep === 0) return store.last + 1;
  if (seq > 1) return seq;
  return keep > 0 && keep < store.count ? store.last - keep + 1 : 0;
}

/** Returns the sequences that a purge with a filter removes, in order. */
function purgedOf({ filter = "", seq = 0, keep = 0 }: PurgeRequest, store: MessageStore): number[] {
  const upTo = seq > 1 ? seq - 1 : store.last;
  let total = 0;
  const found: number[] = [];
  for (const [, sequences] of store.matching([filter])) {
    total += sequences.length;
    for (const sequence of sequences.upTo(upTo)) found.push(sequence);
  }
  return found.sort((a, b) => a - b).slice(0, Math.max(0, total - keep));
}
