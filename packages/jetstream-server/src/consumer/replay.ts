// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { Stored } from "../stream/stored.ts";

/** Delivers what a stream holds at the beginning at the pace at which it was stored. */
export class Replay {
  readonly #last: number;
  #before: { readonly time: Millis; readonly at: Millis } | undefined;

  /** @param last the sequence of the last message that is replayed */
  constructor(last: number) {
    this.#last = last;
  }

  /** Returns when a message is due; `undefined` if it is now. */
  dueAt({ sequence, time }: Stored, now: Millis): Millis | undefined {
    if (this.#before === undefined || sequence > this.#last) return undefined;
    const due = this.#before.at + time - this.#before.time;
    return due > now ? due : undefined;
  }

  /** A message was delivered. */
  delivered({ time }: Stored, now: Millis): void {
    this.#before = { time, at: now };
  }
}
