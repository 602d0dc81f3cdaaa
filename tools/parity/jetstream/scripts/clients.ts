// SPDX-License-Identifier: Apache-2.0
import type { Request, Step, Theme } from "../script.ts";
import { api, confirm, consumer, fill, publish, pull, respond, stream, subscribe, wait } from "../steps.ts";

const MS = 1_000_000;
const bucket: Request = api("STREAM.CREATE.KV_B", {
  name: "KV_B",
  subjects: ["$KV.B.>"],
  storage: "memory",
  max_msgs_per_subject: 3,
  discard: "new",
  allow_rollup_hdrs: true,
  deny_delete: true,
  allow_direct: true,
});
const put = (key: string, value: string, headers?: readonly string[]): Request =>
  publish(`$KV.B.${key}`, value, headers);
const lookUp = (key: string): Request => api(`DIRECT.GET.KV_B.$KV.B.${key}`);
const watch = (config: object): Request =>
  api("CONSUMER.CREATE.KV_B", {
    stream_name: "KV_B",
    config: { deliver_subject: "d", ack_policy: "none", deliver_policy: "last_per_subject", max_deliver: 1, ...config },
  });
const store: Request = api("STREAM.CREATE.OBJ_B", {
  name: "OBJ_B",
  subjects: ["$O.B.C.>", "$O.B.M.>"],
  storage: "memory",
  discard: "new",
  allow_rollup_hdrs: true,
  allow_direct: true,
});
const advisory = (subject: string): Step => subscribe(`$JS.EVENT.ADVISORY.${subject}`);

/** Key-Value buckets, as clients use them. */
export const buckets: Theme = {
  about: "bucket",
  scripts: {
    "puts and gets": [bucket, put("a", "1"), lookUp("a"), put("a", "2"), lookUp("a"), lookUp("b")],
    "creates only what does not exist": [
      bucket,
      put("a", "1", ["Nats-Expected-Last-Subject-Sequence: 0"]),
      put("a", "2", ["Nats-Expected-Last-Subject-Sequence: 0"]),
    ],
    "updates a revision": [
      bucket,
      put("a", "1"),
      put("a", "2", ["Nats-Expected-Last-Subject-Sequence: 1"]),
      put("a", "3", ["Nats-Expected-Last-Subject-Sequence: 1"]),
    ],
    "deletes, and creates again": [
      bucket,
      put("a", "1"),
      put("a", "", ["KV-Operation: DEL"]),
      lookUp("a"),
      put("a", "2", ["Nats-Expected-Last-Subject-Sequence: 2"]),
    ],
    "purges a key": [
      bucket,
      put("a", "1"),
      put("a", "2"),
      put("b", "3"),
      put("a", "", ["KV-Operation: PURGE", "Nats-Rollup: sub"]),
      api("STREAM.INFO.KV_B", { subjects_filter: ">" }),
    ],
    "keeps a history": [
      bucket,
      ...["1", "2", "3", "4"].map((value) => put("a", value)),
      subscribe("d"),
      watch({ deliver_policy: "all", filter_subject: "$KV.B.a" }),
    ],
    "watches all keys": [
      bucket,
      put("a", "1"),
      put("b", "2"),
      put("a", "3"),
      subscribe("d"),
      watch({ filter_subject: "$KV.B.>", flow_control: true, idle_heartbeat: 5000 * MS }),
      put("c", "4"),
    ],
    "watches an empty bucket": [bucket, subscribe("d"), watch({ filter_subject: "$KV.B.>" }), put("a", "1")],
    "lists keys": [
      bucket,
      put("a", "1"),
      put("b", "2"),
      subscribe("d"),
      watch({ filter_subject: "$KV.B.>", headers_only: true }),
    ],
    "gets a revision": [bucket, put("a", "1"), put("a", "2"), api("DIRECT.GET.KV_B", { seq: 1 })],
    "refuses to delete a message": [bucket, put("a", "1"), api("STREAM.MSG.DELETE.KV_B", { seq: 1 })],
  },
};

/** Object stores, as clients use them. */
export const objectStores: Theme = {
  about: "object store",
  scripts: {
    "puts and gets": [
      store,
      publish("$O.B.C.x1", "part 1"),
      publish("$O.B.C.x1", "part 2"),
      publish("$O.B.M.bmFtZQ==", { name: "name", nuid: "x1", size: 12, chunks: 2 }, ["Nats-Rollup: sub"]),
      api("DIRECT.GET.OBJ_B.$O.B.M.bmFtZQ=="),
      subscribe("d"),
      api("CONSUMER.CREATE.OBJ_B", {
        stream_name: "OBJ_B",
        config: { deliver_subject: "d", ack_policy: "none", filter_subject: "$O.B.C.x1", max_deliver: 1 },
      }),
    ],
    "replaces an object": [
      store,
      publish("$O.B.C.x1", "old"),
      publish("$O.B.M.n", "meta 1", ["Nats-Rollup: sub"]),
      publish("$O.B.C.x2", "new"),
      publish("$O.B.M.n", "meta 2", ["Nats-Rollup: sub"]),
      api("STREAM.PURGE.OBJ_B", { filter: "$O.B.C.x1" }),
      api("STREAM.INFO.OBJ_B", { subjects_filter: ">" }),
    ],
    "seals it": [
      store,
      publish("$O.B.M.n", "meta"),
      api("STREAM.UPDATE.OBJ_B", {
        name: "OBJ_B",
        subjects: ["$O.B.C.>", "$O.B.M.>"],
        storage: "memory",
        discard: "new",
        allow_rollup_hdrs: true,
        sealed: true,
      }),
      publish("$O.B.M.n", "meta"),
    ],
  },
};

/** Advisories that clients subscribe to. */
export const advisories: Theme = {
  about: "advisory",
  scripts: {
    "reports that a stream is created, updated and deleted": [
      advisory("STREAM.>"),
      stream(),
      api("STREAM.UPDATE.S", { name: "S", subjects: ["s.>"], storage: "memory", max_msgs: 5 }),
      api("STREAM.DELETE.S"),
    ],
    "reports that a consumer is created and deleted": [
      advisory("CONSUMER.>"),
      stream(),
      consumer(),
      api("CONSUMER.DELETE.S.C"),
    ],
    "reports each request to the API": [
      advisory("API"),
      api("STREAM.NAMES"),
      api("STREAM.CREATE.S", "{"),
      api("STREAM.INFO.S"),
      stream(),
      api("STREAM.MSG.GET.S", { seq: 1 }),
    ],
    "reports that a consumer expired": [
      advisory("CONSUMER.DELETED.>"),
      stream(),
      consumer({ inactive_threshold: 200 * MS }),
      wait(3000),
    ],
    "reports a message that was delivered too often": [
      advisory("CONSUMER.MAX_DELIVERIES.>"),
      stream(),
      ...fill(1),
      consumer({ max_deliver: 2 }),
      pull({ batch: 5, expires: 5000 * MS }),
      respond(1, "-NAK"),
      respond(2, "-NAK"),
    ],
  },
};

/** The account: `$JS.API.INFO`. */
export const account: Theme = {
  about: "account",
  scripts: {
    "answers for an empty account": [api("INFO")],
    "counts streams, consumers and bytes": [stream(), consumer(), ...fill(2), stream({ name: "T" }), api("INFO")],
    "counts requests and errors": [api("STREAM.INFO.S"), api("STREAM.NAMES"), api("INFO"), api("INFO")],
    "is not answered for an unknown subject": [api("FOO")],
  },
};

/** Several connections that share the work of one consumer. */
export const workers: Theme = {
  about: "worker",
  scripts: {
    "gives work back to another client": [
      stream({ retention: "workqueue" }),
      ...fill(3),
      consumer({ ack_wait: 5000 * MS, max_ack_pending: 2 }),
      { ...pull({ batch: 1, expires: 5000 * MS }), by: "b", reply: "b1" },
      { ...pull({ batch: 1, expires: 5000 * MS }), by: "c", reply: "c1" },
      { respond: "+ACK", to: ["b: b1", 1], by: "b", confirmed: true },
      { respond: "-NAK", to: ["c: c1", 1], by: "c" },
      { ...pull({ batch: 2, expires: 5000 * MS }), by: "b", reply: "b1" },
      api("CONSUMER.INFO.S.C"),
    ],
    "redelivers to another client after one is gone": [
      stream(),
      ...fill(2),
      consumer({ ack_wait: 400 * MS }),
      { ...pull({ batch: 2, expires: 5000 * MS }), by: "b", reply: "b1" },
      { close: "b" },
      pull({ batch: 2, expires: 5000 * MS }),
      wait(800),
      confirm(1),
    ],
  },
};
