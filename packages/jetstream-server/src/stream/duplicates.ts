// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";

/** The ids of messages (`Nats-Msg-Id`) that were stored recently, the oldest first. */
export class Duplicates {
  /** How long an id is remembered. */
  window: Millis;
  readonly #ids = new Map<string, { readonly sequence: number; readonly at: Millis }>();

  constructor(window: Millis) {
    this.window = window;
  }

  /** When the oldest id is to be forgotten. */
  get deadline(): Millis | undefined {
    const [oldest] = this.#ids.values();
    return oldest && oldest.at + this.window;
  }

  /** Returns the sequence that was stored with an id. */
  find(id: string, now: Millis): number | undefined {
    this.forget(now);
    return this.#ids.get(id)?.sequence;
  }

  /** Remembers an id. */
  add(id: string, sequence: number, now: Millis): void {
    if (this.window === 0) return;
    this.#ids.delete(id);
    this.#ids.set(id, { sequence, at: now });
  }

  /** Forgets the ids whose time is over. */
  forget(now: Millis): void {
    for (const [id, { at }] of this.#ids) {
      if (at + this.window > now) return;
      this.#ids.delete(id);
    }
  }

  /** Returns all ids, for a snapshot. */
  entries(): Iterable<[id: string, { readonly sequence: number; readonly at: Millis }]> {
    return this.#ids;
  }
}
