// SPDX-License-Identifier: Apache-2.0
import { Interest } from "../interest.ts";

/** The account of whoever has no other, as the reference server calls it. */
export const GLOBAL_ACCOUNT = "$G";

/** Subjects by account: what is published in one is not heard in another. */
export class Accounts {
  /** Of the global account, which is also the program's. */
  readonly global: Interest = new Interest();
  readonly #byName = new Map<string, Interest>([[GLOBAL_ACCOUNT, this.global]]);

  /** Subscriptions there are. */
  get size(): number {
    return [...this.#byName.values()].reduce((sum, { size }) => sum + size, 0);
  }

  interestOf(name: string): Interest {
    let interest = this.#byName.get(name);
    if (interest === undefined) {
      interest = new Interest();
      this.#byName.set(name, interest);
    }
    return interest;
  }
}
