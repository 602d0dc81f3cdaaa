// SPDX-License-Identifier: Apache-2.0
import { Interest } from "../interest.ts";

/** The account of clients that are granted no other. nats-server has the same name for it. */
export const GLOBAL_ACCOUNT = "$G";

/** The subscriptions of each account. A message is delivered within its account only. */
export class Accounts {
  /** The subscriptions of the global account, in which the host program is too. */
  readonly global: Interest = new Interest();
  readonly #byName = new Map<string, Interest>([[GLOBAL_ACCOUNT, this.global]]);

  /** How many subscriptions all accounts have. */
  get size(): number {
    return [...this.#byName.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Returns the subscriptions of an account, and creates it if necessary. */
  interestOf(name: string): Interest {
    let interest = this.#byName.get(name);
    if (interest === undefined) {
      interest = new Interest();
      this.#byName.set(name, interest);
    }
    return interest;
  }
}
