// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from "vitest";
import { JetStreamHarness } from "../jetstream-harness.ts";

let js: JetStreamHarness;

beforeEach(() => {
  js = new JetStreamHarness();
});

/** Returns the error that an answer must have. */
function failure(code: number, err_code: number, description: string): object {
  return { error: { code, err_code, description } };
}

describe("STREAM.CREATE", () => {
  it("answers with the configuration, its defaults and the state", () => {
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

  it("begins at first_seq, and names its subject after itself by default", () => {
    expect(js.create("A", { first_seq: 100 }).config.subjects).toEqual(["A"]);
    expect(js.ask("A", "x")).toEqual({ stream: "A", seq: 100 });
  });

  it("accepts the same configuration again, and no other", () => {
    js.create("A", { subjects: ["a.>"], sources: [{ name: "B" }] });
    expect(js.create("A", { sources: [{ name: "B" }], subjects: ["a.>"] })).toMatchObject({ did_create: true });
    const other = js.create("A", { subjects: ["a.*"] });
    expect(other).toMatchObject(failure(400, 10_058, "stream name already in use with a different configuration"));
  });

  it.each([
    ["another name", { name: "B" }, 400, 10_056, "stream name in subject does not match request"],
    ["three replicas", { num_replicas: 3 }, 500, 10_074, "replicas > 1 not supported in non-clustered mode"],
    ["six replicas", { num_replicas: 6 }, 500, 10_052, "maximum replicas is 5"],
    ["a wrong type", { max_msgs: "3" }, 400, 10_025, /StreamConfigRequest\.StreamConfig\.max_msgs of type int64$/],
    ["an unknown value", { retention: "all" }, 400, 10_025, 'invalid JSON: can not unmarshal "\\"all\\""'],
    ["an invalid subject", { subjects: ["a b"] }, 500, 10_052, "invalid subject"],
    ["subjects that overlap", { subjects: ["a.*", "a.>"] }, 500, 10_052, 'subject "a.*" overlaps with "a.>"'],
    ["all subjects", { subjects: [">"] }, 500, 10_052, "capturing all subjects requires no-ack to be true"],
    ["subjects of the API", { subjects: ["$JS.>"] }, 500, 10_052, /^subjects that overlap with jetstream api/],
    ["a short age", { max_age: 1 }, 500, 10_052, "max age needs to be >= 100ms"],
    ["sealed", { sealed: true }, 500, 10_052, "stream configuration for create can not be sealed"],
    ["rollups without purges", { deny_purge: true, allow_rollup_hdrs: true }, 500, 10_052, /^roll-ups require/],
    ["a republish cycle", { republish: { dest: "A.>" }, subjects: ["A.>"] }, 500, 10_052, /forms a cycle$/],
    ["counters", { allow_msg_counter: true }, 400, 10_025, 'invalid JSON: json: unknown field "allow_msg_counter"'],
    ["atomic batches", { allow_atomic: true }, 400, 10_025, 'invalid JSON: json: unknown field "allow_atomic"'],
  ])("refuses %s", (_what, config, code, errCode, description) => {
    const text = typeof description === "string" ? description : expect.stringMatching(description);
    expect(js.create("A", config)).toMatchObject(failure(code, errCode, text));
    expect(js.jetstream.streams()).toEqual([]);
  });

  it("refuses subjects of another stream", () => {
    js.create("A", { subjects: ["a.>"] });
    expect(js.create("B", { subjects: ["a.b"] })).toMatchObject(
      failure(400, 10_065, "subjects overlap with an existing stream"),
    );
  });

  it("ignores unknown fields", () => {
    expect(js.create("A", { colour: "blue" })).toMatchObject({ did_create: true });
  });
});

describe("STREAM.UPDATE", () => {
  const config = { name: "A", storage: "memory", subjects: ["a.*"] };

  it("changes the subjects that are stored", () => {
    js.create("A", config);
    expect(js.api("STREAM.UPDATE.A", { ...config, subjects: ["b.*"] }).config.subjects).toEqual(["b.*"]);
    expect(js.ask("b.x", "1")).toEqual({ stream: "A", seq: 1 });
    expect(js.request("a.x", "2")[0]?.headers[0]).toBe("NATS/1.0 503");
  });

  it.each([
    ["storage", { storage: "file" }, "change storage type"],
    ["max_consumers", { max_consumers: 1 }, "change MaxConsumers"],
    ["retention", { retention: "workqueue" }, "change retention policy to/from workqueue"],
    ["deny_delete", { deny_delete: false }, "cancel deny message deletes"],
  ])("cannot change %s", (_name, change, what) => {
    js.create("A", { ...config, deny_delete: true });
    const description = `stream configuration update can not ${what}`;
    const answer = js.api("STREAM.UPDATE.A", { ...config, deny_delete: true, ...change });
    expect(answer).toMatchObject(failure(500, 10_052, description));
  });

  it("refuses a stream that does not exist", () => {
    expect(js.api("STREAM.UPDATE.A", config)).toMatchObject(failure(404, 10_059, "stream not found"));
  });
});

describe("STREAM.INFO", () => {
  it("counts the messages of each subject", () => {
    js.create("A", { subjects: ["a.*"] });
    for (const subject of ["a.x", "a.y", "a.x"]) js.publish(subject);
    expect(js.api("STREAM.INFO.A", { subjects_filter: "a.x" })).toMatchObject({
      total: 1,
      limit: 100_000,
      state: { messages: 3, num_subjects: 2, subjects: { "a.x": 2 } },
    });
  });
});

describe("STREAM.NAMES and STREAM.LIST", () => {
  it("list the streams that have a subject, by name", () => {
    for (const name of ["C", "A", "B"]) js.create(name, { subjects: [`${name}.*`] });
    expect(js.api("STREAM.NAMES")).toMatchObject({ total: 3, offset: 0, limit: 1024, streams: ["A", "B", "C"] });
    expect(js.api("STREAM.NAMES", { subject: "B.x" }).streams).toEqual(["B"]);
    expect(js.api("STREAM.NAMES", { subject: "D.x" }).streams).toBe(null);
    const { streams, ...page } = js.api("STREAM.LIST", { offset: 1 });
    expect(page).toMatchObject({ total: 3, offset: 1, limit: 256 });
    expect(streams.map(({ config }: { config: { name: string } }) => config.name)).toEqual(["B", "C"]);
  });
});

describe("STREAM.DELETE", () => {
  it("frees the subjects of the stream", () => {
    js.create("A", { subjects: ["a.*"] });
    expect(js.api("STREAM.DELETE.A")).toMatchObject({ success: true });
    expect(js.create("B", { subjects: ["a.*"] })).toMatchObject({ did_create: true });
    expect(js.api("STREAM.DELETE.A")).toMatchObject(failure(404, 10_059, "stream not found"));
  });
});

describe("advisories", () => {
  it("tell when a stream is created, updated and deleted", () => {
    js.subscribe("$JS.EVENT.ADVISORY.>");
    js.publish("$JS.API.STREAM.CREATE.A", '{"name":"A"}', [], "x");
    js.publish("$JS.API.STREAM.UPDATE.A", '{"name":"A","description":"b"}', [], "x");
    js.publish("$JS.API.STREAM.DELETE.A", "", [], "x");
    const told = js.received().map(({ subject, payload }) => [subject, JSON.parse(payload)]);
    const stream = (action: string): object =>
      expect.objectContaining({ type: "io.nats.jetstream.advisory.v1.stream_action", stream: "A", action });
    expect(told).toEqual([
      ["$JS.EVENT.ADVISORY.STREAM.CREATED.A", stream("create")],
      ["$JS.EVENT.ADVISORY.STREAM.UPDATED.A", stream("modify")],
      ["$JS.EVENT.ADVISORY.STREAM.DELETED.A", stream("delete")],
    ]);
  });
});
