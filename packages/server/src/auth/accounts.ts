// SPDX-License-Identifier: Apache-2.0
import { Interest } from "../interest.ts";

/** The account of clients that are granted no other. nats-server has the same name for it. */
export const GLOBAL_ACCOUNT = "$G";

/** The subscriptions of each account. A message is delivered within its account only. */
export class Accounts {
  /** The subscriptions of the global account, in which the host program is too. */
  readonly global: Interest = new Interest();
  // The other accounts, each for as long as it has clients.
  readonly #byName = new Map<string, { readonly interest: Interest; clients: number }>();

  /** How many subscriptions all accounts have. */
  get size(): number {
    return [...this.#byName.values()].reduce((sum, { interest }) => sum + interest.size, this.global.size);
  }

  /** Adds a client to an account. Returns the subscriptions of the account, which is created if necessary. */
  enter(name: string): Interest {
    if (name === GLOBAL_ACCOUNT) return this.global;
    let account = this.#byName.get(name);
    if (account === undefined) {
      account = { interest: new Interest(), clients: 0 };
      this.#byName.set(name, account);
    }
    account.clients++;
    return account.interest;
  }

  /** Removes a client from its account, which is released with its last client. */
  leave(name: string): void {
    const account = this.#byName.get(name);
    if (account !== undefined && --account.clients === 0) this.#byName.delete(name);
  }
}
