// SPDX-License-Identifier: Apache-2.0
import type { Theme } from "../script.ts";
import { consumer, fill, publish, pull, stream, streamInfo } from "../steps.ts";

/** Priority groups of pull consumers. */
export const priorityGroups: Theme = {
  about: "priority group",
  scripts: {},
  newer: {
    "serves the pinned client of a group": [
      stream(),
      consumer({ priority_groups: ["g"], priority_policy: "pinned_client", priority_timeout: 5_000_000_000 }),
      { ...pull({ batch: 5, expires: 5_000_000_000, group: "g" }), reply: "p1" },
      { ...pull({ batch: 5, expires: 5_000_000_000, group: "g" }), reply: "p2" },
      ...fill(2),
    ],
    "refuses another pin id": [
      stream(),
      consumer({ priority_groups: ["g"], priority_policy: "pinned_client", priority_timeout: 5_000_000_000 }),
      pull({ batch: 5, expires: 5_000_000_000, group: "g" }),
      ...fill(1),
      pull({ batch: 5, expires: 5_000_000_000, group: "g", id: "other" }),
      pull({ batch: 5, expires: 5_000_000_000, group: "g", id: "{1}" }),
    ],
    "refuses a group that is missing or unknown": [
      stream(),
      consumer({ priority_groups: ["g"], priority_policy: "overflow" }),
      pull({ batch: 1, no_wait: true }),
      pull({ batch: 1, no_wait: true, group: "h" }),
    ],
    "waits for an overflow of pending messages": [
      stream(),
      ...fill(1),
      consumer({ priority_groups: ["g"], priority_policy: "overflow" }),
      pull({ batch: 1, expires: 5_000_000_000, group: "g", min_pending: 3 }),
      publish("s.a", "2"),
      publish("s.a", "3"),
      streamInfo,
    ],
    "waits for an overflow of unacknowledged messages": [
      stream(),
      ...fill(4),
      consumer({ priority_groups: ["g"], priority_policy: "overflow" }),
      { ...pull({ batch: 1, expires: 5_000_000_000, group: "g", min_ack_pending: 2 }), reply: "p1" },
      { ...pull({ batch: 2, expires: 5_000_000_000, group: "g" }), reply: "p2" },
    ],
    "serves a lower priority first": [
      stream(),
      consumer({ priority_groups: ["g"], priority_policy: "prioritized" }),
      { ...pull({ batch: 1, expires: 5_000_000_000, group: "g", priority: 2 }), reply: "p2" },
      { ...pull({ batch: 1, expires: 5_000_000_000, group: "g", priority: 1 }), reply: "p1" },
      ...fill(2),
    ],
  },
};
