// SPDX-License-Identifier: Apache-2.0
import type { Theme } from "../script.ts";
import { consumer, consumerInfo, fill, publish, pull, stream, wait } from "../steps.ts";

/** Where a consumer begins, what it filters, and how fast it replays. */
export const deliverPolicies: Theme = {
  about: "deliver policy",
  scripts: {
    "returns the last message first (deliver_policy last)": [
      stream(),
      ...fill(3),
      consumer({ deliver_policy: "last" }),
      pull({ batch: 3, no_wait: true }),
    ],
    "returns new messages only (deliver_policy new)": [
      stream(),
      ...fill(2),
      consumer({ deliver_policy: "new" }),
      publish("s.a", "3"),
      pull({ batch: 3, no_wait: true }),
    ],
    "returns messages from a sequence on": [
      stream(),
      ...fill(4),
      consumer({ deliver_policy: "by_start_sequence", opt_start_seq: 3 }),
      pull({ batch: 4, no_wait: true }),
    ],
    "returns messages from a sequence beyond the last": [
      stream(),
      ...fill(2),
      consumer({ deliver_policy: "by_start_sequence", opt_start_seq: 5 }),
      publish("s.a", "3"),
      pull({ batch: 4, no_wait: true }),
    ],
    "returns messages from a time on": [
      stream(),
      ...fill(2),
      consumer({ deliver_policy: "by_start_time", opt_start_time: "2001-01-01T00:00:00Z" }),
      pull({ batch: 4, no_wait: true }),
    ],
    "returns nothing from a time in the future on": [
      stream(),
      ...fill(2),
      consumer({ deliver_policy: "by_start_time", opt_start_time: "2099-01-01T00:00:00Z" }),
      pull({ batch: 4, no_wait: true }),
    ],
    "returns the last of each subject": [
      stream(),
      publish("s.a", "1"),
      publish("s.b", "2"),
      publish("s.a", "3"),
      consumer({ deliver_policy: "last_per_subject", filter_subject: "s.*" }),
      pull({ batch: 4, no_wait: true }),
      consumerInfo,
    ],
    "returns messages of a filter": [
      stream(),
      publish("s.a", "1"),
      publish("s.b", "2"),
      publish("s.a", "3"),
      consumer({ filter_subject: "s.a" }),
      pull({ batch: 4, no_wait: true }),
      consumerInfo,
    ],
    "returns messages at their original pace (replay_policy original)": [
      stream(),
      publish("s.a", "1"),
      wait(600),
      publish("s.a", "2"),
      consumer({ replay_policy: "original" }),
      pull({ batch: 2, expires: 5_000_000_000 }),
      wait(200),
      wait(1000),
    ],
  },
};
