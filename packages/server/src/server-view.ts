// SPDX-License-Identifier: Apache-2.0
import type { Accounts } from "./auth/accounts.ts";
import type { ServerConfig } from "./config.ts";
import type { InfoSender } from "./info.ts";
import type { CompleteInfo, InterestStats, SubscriptionInfo } from "./outputs.ts";
import type { Program } from "./program.ts";
import { describeSubscriptions } from "./subscription.ts";

/** What a monitor reads of a server, in addition to `stats` and the connections. */
export interface ServerView {
  /** The options, with their defaults. */
  readonly config: ServerConfig;
  /** INFO of the first listener, without the fields that are about one client. */
  readonly info: CompleteInfo;
  /** The subscriptions of all accounts, and how they were matched with subjects. */
  readonly interest: InterestStats;
  /** The subscriptions of the host program. */
  readonly subscriptions: readonly SubscriptionInfo[];
}

/** Returns a view of a server. Each of its fields has the present state. */
export function viewOf(config: ServerConfig, sender: InfoSender, accounts: Accounts, program: Program): ServerView {
  return {
    config,
    get info() {
      return sender.info;
    },
    get interest() {
      return accounts.describe();
    },
    get subscriptions() {
      return describeSubscriptions(program);
    },
  };
}
