// SPDX-License-Identifier: Apache-2.0

/** Milliseconds a request waits for its answer. */
export const TIMEOUT = 10_000;

/** Messages published before the loop lets others go on: what a busy program makes of one turn. */
export function batchOf(size: number): number {
  return Math.max(1, Math.min(500, Math.floor(262_144 / (size + 32))));
}

/** Bytes that may wait to be sent: 500 requests of 64 KB at once are more than a client keeps unless told to. */
export const MAX_PENDING = 67_108_864;
