// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";

/** A message of a stream. It never changes, and its bytes stay valid after it is removed. */
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
