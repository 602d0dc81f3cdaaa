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
  // The other accounts, each for as long as something is in it.
  readonly #byName = new Map<string, { readonly interest: Interest; members: number }>();
  /** Called with each account that is created, before it has a member. */
  created: (name: string, interest: Interest) => void = () => {};

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

  /** Iterates over the accounts that exist. */
  *[Symbol.iterator](): Generator<[name: string, interest: Interest], void> {
    yield [GLOBAL_ACCOUNT, this.global];
    for (const [name, { interest }] of this.#byName) yield [name, interest];
  }

  /** Returns the subscriptions of an account, or `undefined` if it does not exist. */
  get(name: string): Interest | undefined {
    return name === GLOBAL_ACCOUNT ? this.global : this.#byName.get(name)?.interest;
  }

  /**
   * Adds a member to an account: a client, or something that a module subscribed to or watches. Returns the subscriptions of the
   * account, which is created if necessary.
   */
  enter(name: string): Interest {
    if (name === GLOBAL_ACCOUNT) return this.global;
    let account = this.#byName.get(name);
    if (account === undefined) {
      account = { interest: new Interest(this.#counts), members: 0 };
      this.#byName.set(name, account);
      this.created(name, account.interest);
    }
    account.members++;
    return account.interest;
  }

  /** Removes a member from its account, which is released with its last one. */
  leave(name: string): void {
    const account = this.#byName.get(name);
    if (account !== undefined && --account.members === 0) this.#byName.delete(name);
  }
}
