// SPDX-License-Identifier: Apache-2.0
import type { Request, Theme } from "../script.ts";
import { api, consumer, fill, message, publish, stream, streamInfo } from "../steps.ts";

const update = (config: object): Request =>
  api("STREAM.UPDATE.S", { name: "S", subjects: ["s.>"], storage: "memory", ...config });

/** `STREAM.UPDATE`: what may change, what may not, and what a change does to stored messages. */
export const streamUpdate: Theme = {
  about: "stream update",
  scripts: {
    "returns the new configuration": [stream(), update({ description: "new", max_msgs: 10 }), streamInfo],
    "refuses a stream that does not exist": [update({})],
    "refuses a body that is not JSON": [stream(), api("STREAM.UPDATE.S", "{")],
    "refuses a name that is not that of the subject": [stream(), api("STREAM.UPDATE.S", { name: "T" })],
    "refuses another storage": [stream(), update({ storage: "file" })],
    "refuses the retention limits in place of a work queue": [stream({ retention: "workqueue" }), update({})],
    "refuses a work queue in place of the retention limits": [stream(), update({ retention: "workqueue" })],
    "changes the retention to interest": [stream(), update({ retention: "interest" })],
    "changes the maximum of consumers": [stream({ max_consumers: 2 }), update({ max_consumers: 3 })],
    "refuses to allow deleting again": [stream({ deny_delete: true }), update({})],
    "refuses to allow purging again": [stream({ deny_purge: true }), update({})],
    "denies deleting later": [
      stream(),
      ...fill(1),
      update({ deny_delete: true }),
      api("STREAM.MSG.DELETE.S", { seq: 1 }),
    ],
    "refuses a mirror": [stream(), stream({ name: "T" }), update({ subjects: [], mirror: { name: "T" } })],
    "turns a mirror into a stream": [
      stream({ name: "T" }),
      stream({ subjects: undefined, mirror: { name: "T" } }),
      update({}),
    ],
    "refuses subjects of another stream": [stream(), stream({ name: "T" }), update({ subjects: ["t.a"] })],
    "refuses three replicas on a single server": [stream(), update({ num_replicas: 3 })],
    "refuses an invalid subject": [stream(), update({ subjects: ["s..a"] })],
    "refuses an unknown field": [stream(), update({ colour: "red" })],
    "refuses every update after it was sealed": [
      stream(),
      ...fill(1),
      update({ sealed: true }),
      update({ sealed: true }),
      update({}),
    ],
    "refuses messages after it was sealed": [
      stream(),
      ...fill(1),
      update({ sealed: true }),
      publish("s.a"),
      api("STREAM.MSG.DELETE.S", { seq: 1 }),
      api("STREAM.PURGE.S"),
      message(1),
    ],
    "removes the oldest messages above a lower maximum": [stream(), ...fill(4), update({ max_msgs: 2 }), streamInfo],
    "removes the oldest messages above a lower maximum of bytes": [
      stream(),
      ...fill(4),
      update({ max_bytes: 60 }),
      streamInfo,
    ],
    "removes the oldest messages above a lower maximum per subject": [
      stream(),
      ...fill(2, "s.a"),
      ...fill(3, "s.b"),
      update({ max_msgs_per_subject: 1 }),
      streamInfo,
    ],
    "keeps messages of subjects that it no longer has": [
      stream(),
      ...fill(1),
      update({ subjects: ["t.>"] }),
      message(1),
      publish("s.a"),
      publish("t.a"),
    ],
    "changes the duplicate window": [stream(), update({ duplicate_window: 1_000_000_000 })],
    "refuses a duplicate window above the maximum age": [
      stream(),
      update({ max_age: 1_000_000_000, duplicate_window: 2_000_000_000 }),
    ],
    "changes the discard policy": [
      stream({ max_msgs: 1 }),
      ...fill(1),
      update({ max_msgs: 1, discard: "new" }),
      publish("s.a"),
    ],
    "allows direct get later": [stream(), ...fill(1), update({ allow_direct: true }), api("DIRECT.GET.S", { seq: 1 })],
    "accepts a maximum below the number of consumers": [
      stream(),
      consumer({ name: "C" }),
      consumer({ name: "D" }),
      update({ max_consumers: 1 }),
    ],
    "changes republish": [
      stream(),
      update({ republish: { src: ">", dest: "copy.>" } }),
      { subscribe: "copy.>" },
      publish("s.a", "x"),
    ],
    "ignores a first sequence": [stream(), update({ first_seq: 5 }), ...fill(1), streamInfo],
  },
  newer: {
    "refuses limits of consumers below what a consumer has": [
      stream(),
      consumer({ max_ack_pending: 100 }),
      update({ consumer_limits: { max_ack_pending: 10 } }),
    ],
    "refuses to forbid TTLs again": [stream({ allow_msg_ttl: true }), update({})],
    "allows TTLs later": [stream(), update({ allow_msg_ttl: true })],
    "keeps the metadata of the server": [stream(), update({ metadata: { owner: "me" } })],
    "changes the subject transform": [
      stream(),
      update({ subject_transform: { src: "s.>", dest: "t.>" } }),
      publish("s.a", "x"),
      message(1),
    ],
  },
};
