// SPDX-License-Identifier: Apache-2.0
import type { Theme } from "../script.ts";
import { api, fill, message, publish, stream, streamInfo, subscribe, wait } from "../steps.ts";

const roll = stream({ allow_rollup_hdrs: true });

/** Publishing to a stream: acknowledgements, duplicates, expectations and rollups. */
export const publishing: Theme = {
  about: "publish",
  scripts: {
    "answers with the stream and the sequence": [stream(), publish("s.a", "x"), publish("s.b", "y")],
    "stores without an answer if there is no reply subject": [stream(), { send: "s.a", data: "x" }, message(1)],
    "stores an empty payload": [stream(), publish("s.a"), message(1)],
    "stores headers": [stream(), publish("s.a", "x", ["A: b"]), message(1)],
    "delivers to subscribers, too": [stream(), subscribe("s.>"), { send: "s.a", data: "x" }],
    "is not answered without a stream": [publish("s.a")],
    "is not acknowledged if the stream says so": [stream({ no_ack: true }), publish("s.a"), streamInfo],
    "stores in each of two streams that share no subject": [
      stream(),
      stream({ name: "T" }),
      publish("s.a"),
      publish("t.a"),
    ],
    "drops a duplicate": [
      stream(),
      publish("s.a", "1", ["Nats-Msg-Id: a"]),
      publish("s.a", "2", ["Nats-Msg-Id: a"]),
      publish("s.b", "3", ["Nats-Msg-Id: a"]),
      publish("s.a", "4", ["Nats-Msg-Id: b"]),
      streamInfo,
    ],
    "stores a duplicate after the window": [
      stream({ duplicate_window: 200_000_000 }),
      publish("s.a", "1", ["Nats-Msg-Id: a"]),
      wait(600),
      publish("s.a", "2", ["Nats-Msg-Id: a"]),
    ],
    "drops a duplicate of a message that was deleted": [
      stream(),
      publish("s.a", "1", ["Nats-Msg-Id: a"]),
      api("STREAM.MSG.DELETE.S", { seq: 1 }),
      publish("s.a", "2", ["Nats-Msg-Id: a"]),
    ],
    "drops a duplicate of a message that was purged": [
      stream(),
      publish("s.a", "1", ["Nats-Msg-Id: a"]),
      api("STREAM.PURGE.S"),
      publish("s.a", "2", ["Nats-Msg-Id: a"]),
    ],
    "ignores an empty id": [stream(), publish("s.a", "1", ["Nats-Msg-Id: "]), publish("s.a", "2", ["Nats-Msg-Id: "])],
    "reads the name of a header in its exact case": [
      stream(),
      publish("s.a", "1", ["nats-msg-id: a"]),
      publish("s.a", "2", ["nats-msg-id: a"]),
    ],
    "expects the stream": [
      stream(),
      publish("s.a", "1", ["Nats-Expected-Stream: S"]),
      publish("s.a", "2", ["Nats-Expected-Stream: T"]),
      streamInfo,
    ],
    "expects the last sequence": [
      stream(),
      ...fill(2),
      publish("s.a", "3", ["Nats-Expected-Last-Sequence: 2"]),
      publish("s.a", "4", ["Nats-Expected-Last-Sequence: 2"]),
    ],
    "expects an empty stream": [
      stream(),
      publish("s.a", "1", ["Nats-Expected-Last-Sequence: 0"]),
      publish("s.a", "2", ["Nats-Expected-Last-Sequence: 0"]),
    ],
    "refuses an expected sequence that is not a number": [
      stream(),
      publish("s.a", "1", ["Nats-Expected-Last-Sequence: x"]),
    ],
    "expects the last sequence of the subject": [
      stream(),
      publish("s.a", "1"),
      publish("s.b", "2"),
      publish("s.a", "3", ["Nats-Expected-Last-Subject-Sequence: 1"]),
      publish("s.a", "4", ["Nats-Expected-Last-Subject-Sequence: 1"]),
      publish("s.b", "5", ["Nats-Expected-Last-Subject-Sequence: 2"]),
    ],
    "expects no message of the subject": [
      stream(),
      publish("s.a", "1", ["Nats-Expected-Last-Subject-Sequence: 0"]),
      publish("s.a", "2", ["Nats-Expected-Last-Subject-Sequence: 0"]),
      publish("s.b", "3", ["Nats-Expected-Last-Subject-Sequence: 0"]),
      publish("s.c", "4", ["Nats-Expected-Last-Subject-Sequence: 9"]),
    ],
    "expects the last id": [
      stream(),
      publish("s.a", "1", ["Nats-Msg-Id: a"]),
      publish("s.a", "2", ["Nats-Msg-Id: b", "Nats-Expected-Last-Msg-Id: a"]),
      publish("s.a", "3", ["Nats-Expected-Last-Msg-Id: a"]),
    ],
    "expects an id if the last message has none": [
      stream(),
      ...fill(1),
      publish("s.a", "2", ["Nats-Expected-Last-Msg-Id: a"]),
    ],
    "looks at expectations before duplicates": [
      stream(),
      publish("s.a", "1", ["Nats-Msg-Id: a"]),
      publish("s.a", "2", ["Nats-Msg-Id: a", "Nats-Expected-Last-Sequence: 9"]),
    ],
    "rolls up a subject": [
      roll,
      ...fill(2, "s.a"),
      ...fill(1, "s.b"),
      publish("s.a", "sum", ["Nats-Rollup: sub"]),
      streamInfo,
      message(4),
    ],
    "rolls up everything": [
      roll,
      ...fill(2, "s.a"),
      ...fill(1, "s.b"),
      publish("s.a", "sum", ["Nats-Rollup: all"]),
      streamInfo,
    ],
    "refuses a rollup if the stream does not allow it": [
      stream(),
      publish("s.a", "x", ["Nats-Rollup: sub"]),
      streamInfo,
    ],
    "refuses an unknown rollup": [roll, ...fill(1), publish("s.a", "x", ["Nats-Rollup: some"]), streamInfo],
    "accepts rollups in capitals": [roll, ...fill(2), publish("s.a", "x", ["Nats-Rollup: SUB"]), streamInfo],
    "accepts a message of the size limit": [
      stream({ max_msg_size: 10 }),
      publish("s.a", "0123456789"),
      publish("s.a", "0123456789a"),
    ],
    "counts headers to the size of a message": [
      stream({ max_msg_size: 22 }),
      publish("s.a", "0123", ["A: b"]),
      publish("s.a", "01234", ["A: b"]),
    ],
    "numbers messages of several connections": [
      stream(),
      { ...publish("s.a", "1"), by: "b" },
      { ...publish("s.a", "2"), by: "c" },
      { ...publish("s.a", "3"), by: "b" },
    ],
    "stores a message to an inbox": [stream({ subjects: ["_INBOX.x.>"] }), publish("_INBOX.x.1", "hi"), message(1)],
  },
  newer: {
    "expects the last sequence of other subjects": [
      stream(),
      publish("s.a.1", "1"),
      publish("s.a.2", "2"),
      publish("s.b", "3", [
        "Nats-Expected-Last-Subject-Sequence: 2",
        "Nats-Expected-Last-Subject-Sequence-Subject: s.a.*",
      ]),
      publish("s.b", "4", [
        "Nats-Expected-Last-Subject-Sequence: 1",
        "Nats-Expected-Last-Subject-Sequence-Subject: s.a.*",
      ]),
      publish("s.b", "5", ["Nats-Expected-Last-Subject-Sequence-Subject: s.a.*"]),
    ],
    "ignores the API level that a client requires": [stream(), publish("s.a", "x", ["Nats-Required-Api-Level: 99"])],
  },
};
