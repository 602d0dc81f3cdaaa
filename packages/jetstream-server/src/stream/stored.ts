// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";

/** A message of a stream. It never changes. */
export interface Stored {
  readonly sequence: number;
  readonly subject: string;
  readonly headers: Uint8Array | undefined;
  readonly payload: Uint8Array;
  /** When it was stored, on the wall clock: what clients see. */
  readonly time: Millis;
  /** When it was stored, on the server's monotonic clock: what ages are measured by. */
  readonly storedAt: Millis;
}

/** Returns the bytes that nats-server counts for a message in memory: 16 for itself, and its subject, headers and payload. */
export function storedSize({ subject, headers, payload }: Pick<Stored, "subject" | "headers" | "payload">): number {
  return 16 + subject.length + (headers?.length ?? 0) + payload.length;
}
