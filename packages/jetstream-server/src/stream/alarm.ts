// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { Engine, Timed } from "../engine.ts";

/** The next deadline of something. Later ones wait until it rings. */
export class Alarm {
  readonly #timer: ReturnType<Engine["time"]>;
  #at = Number.POSITIVE_INFINITY;

  constructor(engine: Engine, owner: Timed) {
    this.#timer = engine.time(owner);
  }

  /** Rings at a time, unless it rings earlier. */
  set(at: Millis | undefined): void {
    if (at === undefined || at >= this.#at) return;
    this.#at = at;
    this.#timer.at(at);
  }

  /** Returns whether the deadline has come; then none is set any more. One that was moved rings too often. */
  ring(now: Millis): boolean {
    if (now < this.#at) return false;
    this.#at = Number.POSITIVE_INFINITY;
    return true;
  }

  remove(): void {
    this.#timer.remove();
  }
}
