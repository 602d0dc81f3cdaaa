// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "./config.ts";

const INTERVAL: Millis = 1000;
const LIMIT = 100;

/** Limits the reported errors that leave the connection open to 100 a second (docs/reliability.md, S10). */
export class ErrorRateLimit {
  #since: Millis = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** Counts one more error. Returns whether it is to be reported. */
  allows(now: Millis): boolean {
    if (now - this.#since >= INTERVAL) {
      this.#since = now;
      this.#count = 0;
    }
    return ++this.#count <= LIMIT;
  }
}
