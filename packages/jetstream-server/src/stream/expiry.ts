// SPDX-License-Identifier: Apache-2.0
import { Deadlines, type Millis } from "@natswire/server";
import { readHeaders } from "./header-block.ts";
import type { MessageStore } from "./message-store.ts";
import { NEVER, readTtl } from "./message-ttl.ts";
import type { Stored } from "./stored.ts";

/** When the messages of a stream expire: by the age that the stream allows, and by a TTL of their own. */
export class Expiry {
  readonly #store: MessageStore;
  /** By sequence. */
  readonly #ttls: Deadlines;
  /** Messages below it are removed, or never expire. */
  #checked = 0;
  #maxAge: Millis = 0;

  constructor(store: MessageStore) {
    this.#store = store;
    this.#ttls = new Deadlines((sequence) => store.subject(sequence) !== undefined);
  }

  /** Sets the age at which messages expire; 0 for none. */
  set maxAge(age: Millis) {
    this.#maxAge = age;
    this.#checked = 0;
  }

  /** When a message expires next; `undefined` if none does. */
  get deadline(): Millis | undefined {
    const byTtl = this.#ttls.next;
    const oldest = this.#maxAge > 0 ? this.#oldest() : undefined;
    const byAge = oldest && oldest.storedAt + this.#maxAge;
    return byTtl === undefined || byAge === undefined ? (byTtl ?? byAge) : Math.min(byTtl, byAge);
  }

  /** A message was stored. @param ttl in seconds */
  stored(sequence: number, storedAt: Millis, ttl: number): void {
    if (ttl > 0) this.#ttls.add(storedAt + ttl * 1000, sequence);
  }

  /** Returns the oldest message that is too old. */
  aged(now: Millis): Stored | undefined {
    const oldest = this.#maxAge > 0 ? this.#oldest() : undefined;
    return oldest !== undefined && oldest.storedAt + this.#maxAge <= now ? oldest : undefined;
  }

  /** Returns the sequences of messages whose TTL is over, in order; some may be removed. */
  takeDue(now: Millis): number[] {
    return this.#ttls.takeDue(now).sort((a, b) => a - b);
  }

  /** Returns the oldest message that expires by its age. */
  #oldest(): Stored | undefined {
    for (;;) {
      const sequence = this.#store.nextSequence(Math.max(this.#checked, this.#store.first));
      const message = sequence === undefined ? undefined : this.#store.get(sequence);
      if (message === undefined || !neverExpires(message)) return message;
      this.#checked = message.sequence + 1;
    }
  }
}

function neverExpires({ headers }: Stored): boolean {
  return headers !== undefined && readTtl(readHeaders(headers)?.get("Nats-TTL")) === NEVER;
}
