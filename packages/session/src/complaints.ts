// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "./config.ts";

const SECOND: Millis = 1000;
const MOST = 100;

/** Errors that end nothing: no more of them in a second are told than somebody could read (RELIABILITY S10). */
export class Complaints {
  #since: Millis = Number.NEGATIVE_INFINITY;
  #told = 0;

  /** Whether one more is to be told. */
  allows(now: Millis): boolean {
    if (now - this.#since >= SECOND) {
      this.#since = now;
      this.#told = 0;
    }
    return ++this.#told <= MOST;
  }
}
