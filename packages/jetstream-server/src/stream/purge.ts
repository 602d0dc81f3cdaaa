// SPDX-License-Identifier: Apache-2.0
import type { MessageStore } from "./message-store.ts";

/** Which messages to purge: all by default. */
export interface PurgeRequest {
  /** Only those whose subject matches. */
  readonly filter?: string;
  /** Only those below this sequence. */
  readonly seq?: number;
  /** Keeps this many of the last ones. */
  readonly keep?: number;
}

/** Returns the first sequence that a purge without a filter keeps, or 0 if it keeps everything. */
export function purgeBelow({ seq = 0, keep = 0 }: PurgeRequest, store: MessageStore): number {
  if (seq === 0 && keep === 0) return store.last + 1;
  if (seq > 1) return seq;
  return keep > 0 && keep < store.count ? store.last - keep + 1 : 0;
}

/** Returns the sequences that a purge with a filter removes, in order. */
export function purgedOf({ filter = "", seq = 0, keep = 0 }: PurgeRequest, store: MessageStore): number[] {
  const upTo = seq > 1 ? seq - 1 : store.last;
  let total = 0;
  const found: number[] = [];
  for (const [, sequences] of store.matching([filter])) {
    total += sequences.length;
    for (const sequence of sequences.upTo(upTo)) found.push(sequence);
  }
  return found.sort((a, b) => a - b).slice(0, Math.max(0, total - keep));
}
