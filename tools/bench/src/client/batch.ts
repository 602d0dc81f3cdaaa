// SPDX-License-Identifier: Apache-2.0

/** The timeout of a request in milliseconds. */
export const TIMEOUT = 10_000;

/** Returns the number of messages to publish before yielding to the event loop, as a busy program does. */
export function batchOf(size: number): number {
  return Math.max(1, Math.min(500, Math.floor(262_144 / (size + 32))));
}

/** The limit of the send queue in bytes: 500 concurrent requests of 64 KB exceed the default. */
export const MAX_PENDING = 67_108_864;
