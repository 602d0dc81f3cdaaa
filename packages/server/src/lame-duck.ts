// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "./config.ts";

/** The times at which a server in lame duck mode closes its connections: one at a time, evenly spread. */
export class LameDuck {
  readonly #interval: Millis;
  #next: Millis;

  /**
   * @param start when the first connection is closed
   * @param duration milliseconds within which the others follow
   * @param connections how many there are at the beginning
   */
  constructor(start: Millis, duration: Millis, connections: number) {
    this.#next = start;
    this.#interval = duration / Math.max(1, connections);
  }

  /** When the next connection is closed. */
  get next(): Millis {
    return this.#next;
  }

  /** Returns whether a connection is to be closed now; if so, schedules the next one. */
  take(now: Millis): boolean {
    if (this.#next > now) return false;
    this.#next += this.#interval;
    return true;
  }
}
