// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "./config.ts";

const INTERVAL: Millis = 1000;
const LIMIT = 100;

/** Errors that end nothing: no more of them in a second are told than somebody could read (RELIABILITY S10). */
export class ErrorRateLimit {
  #since: Millis = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** Whether one more is to be told. */
  allows(now: Millis): boolean {
    if (now - this.#since >= INTERVAL) {
      this.#since = now;
      this.#count = 0;
    }
    return ++this.#count <= LIMIT;
  }
}
