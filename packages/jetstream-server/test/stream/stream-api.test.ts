// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { JetStreamHarness } from "../jetstream-harness.ts";

describe("STREAM.CREATE", () => {
  it("answers with the configuration, its defaults and the state", () => {
    const js = new JetStreamHarness();
    expect(js.create("A", { subjects: ["a.>"] })).toEqual({
      type: "io.nats.jetstream.api.v1.stream_create_response",
      config: {
        name: "A",
        subjects: ["a.>"],
        retention: "limits",
        max_consumers: -1,
        max_msgs: -1,
        max_bytes: -1,
        max_age: 0,
        max_msgs_per_subject: -1,
        max_msg_size: -1,
        discard: "old",
        storage: "memory",
        num_replicas: 1,
        duplicate_window: 120_000_000_000,
        compression: "none",
        allow_direct: false,
        mirror_direct: false,
        sealed: false,
        deny_delete: false,
        deny_purge: false,
        allow_rollup_hdrs: false,
        consumer_limits: {},
        allow_msg_ttl: false,
        metadata: { "_nats.level": "1", "_nats.req.level": "0", "_nats.ver": "2.11.0" },
      },
      created: "2024-01-01T00:00:00Z",
      state: {
        messages: 0,
        bytes: 0,
        first_seq: 0,
        first_ts: "0001-01-01T00:00:00Z",
        last_seq: 0,
        last_ts: "0001-01-01T00:00:00Z",
        consumer_count: 0,
      },
      ts: "2024-01-01T00:00:00Z",
      did_create: true,
    });
  });
});

describe("a stored message", () => {
  it("is acknowledged with its sequence, and read again", () => {
    const js = new JetStreamHarness();
    js.create("A", { subjects: ["a.>"], allow_direct: true });
    expect(js.request("a.1", "hello")).toEqual([
      { subject: "_R.2", reply: undefined, headers: [], payload: '{"stream":"A", "seq":1}' },
    ]);
    expect(js.request("$JS.API.DIRECT.GET.A", { seq: 1 })).toMatchObject([
      {
        headers: ["Nats-Stream: A", "Nats-Subject: a.1", "Nats-Sequence: 1", "Nats-Time-Stamp: 2024-01-01T00:00:00Z"],
        payload: "hello",
      },
    ]);
  });
});
