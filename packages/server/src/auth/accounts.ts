// SPDX-License-Identifier: Apache-2.0
import { Interest, type InterestCounts } from "../interest.ts";
import type { InterestStats } from "../outputs.ts";

/** The account of clients that are granted no other. nats-server has the same name for it. */
export const GLOBAL_ACCOUNT = "$G";

/** The subscriptions of each account. A message is delivered within its account only. */
export class Accounts {
  readonly #counts: InterestCounts = { inserts: 0, removes: 0, matches: 0, misses: 0 };
  /** The subscriptions of the global account, in which the host program is too. */
  readonly global: Interest = new Interest(this.#counts);
  // The other accounts, each for as long as it has clients.
  readonly #byName = new Map<string, { readonly interest: Interest; clients: number }>();

  /** How many subscriptions all accounts have. */
  get size(): number {
    return this.#counts.inserts - this.#counts.removes;
  }

  /** Returns the statistics of all accounts. */
  describe(): InterestStats {
    const { inserts, removes, matches, misses } = this.#counts;
    const others = Array.from(this.#byName.values(), ({ interest }) => interest.cached);
    return { inserts, removes, matches, hits: matches - misses, cached: [this.global.cached, ...others].flat() };
  }

  /** Adds a client to an account. Returns the subscriptions of the account, which is created if necessary. */
  enter(name: string): Interest {
    if (name === GLOBAL_ACCOUNT) return this.global;
    let account = this.#byName.get(name);
    if (account === undefined) {
      account = { interest: new Interest(this.#counts), clients: 0 };
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
