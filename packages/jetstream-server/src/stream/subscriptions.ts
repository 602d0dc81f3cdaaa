// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { JetStreamAccount } from "../account.ts";

/** The subscriptions of a stream to a list of subjects that changes. */
export class Subscriptions {
  readonly #account: JetStreamAccount;
  readonly #received: (message: Pub) => void;
  /** What ends each. */
  readonly #open = new Map<string, () => void>();

  constructor(account: JetStreamAccount, received: (message: Pub) => void) {
    this.#account = account;
    this.#received = received;
  }

  /** Subscribes to these subjects, and to no others. */
  set(subjects: readonly string[]): void {
    for (const [subject, unsubscribe] of this.#open) {
      if (subjects.includes(subject)) continue;
      this.#open.delete(subject);
      unsubscribe();
    }
    const { engine, name } = this.#account;
    for (const subject of subjects) {
      if (!this.#open.has(subject)) this.#open.set(subject, engine.subscribe(name, subject, this.#received));
    }
  }
}
