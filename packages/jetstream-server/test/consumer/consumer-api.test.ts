// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ConsumerHarness, texts } from "./consumer-harness.ts";

describe("CONSUMER.CREATE", () => {
  it("answers with defaults, in nats-server's order", () => {
    const js = new ConsumerHarness();
    const [answer] = js.request("$JS.API.CONSUMER.CREATE.S.C", {
      stream_name: "S",
      config: { durable_name: "C", ack_policy: "explicit", metadata: { owner: "me", "_nats.ver": "9" } },
    });
    expect(answer?.payload).toBe(
      '{"type":"io.nats.jetstream.api.v1.consumer_create_response","stream_name":"S","name":"C",' +
        '"created":"2024-01-01T00:00:00Z","config":{"durable_name":"C","name":"C","deliver_policy":"all",' +
        '"ack_policy":"explicit","ack_wait":30000000000,"max_deliver":-1,"replay_policy":"instant","max_waiting":512,' +
        '"max_ack_pending":1000,"num_replicas":0,"metadata":{"_nats.level":"1","_nats.req.level":"0",' +
        '"_nats.ver":"2.11.0","owner":"me"}},"delivered":{"consumer_seq":0,"stream_seq":0},' +
        '"ack_floor":{"consumer_seq":0,"stream_seq":0},"num_ack_pending":0,"num_redelivered":0,"num_waiting":0,' +
        '"num_pending":0,"ts":"2024-01-01T00:00:00Z"}',
    );
  });

  it("creates an ephemeral consumer, which goes after 5 s without a use", () => {
    const js = new ConsumerHarness();
    js.subscribe("$JS.EVENT.ADVISORY.CONSUMER.*.S.*", 3);
    const { name, config } = js.api("CONSUMER.CREATE.S", { stream_name: "S", config: { ack_policy: "explicit" } });
    expect(name).toMatch(/^\w{8}$/);
    expect(config).toMatchObject({ inactive_threshold: 5e9, ack_wait: 30e9 });
    expect(config.name).toBeUndefined();
    js.after(4000);
    js.pull({ expires: 2e9 }, name);
    expect(texts(js.after(7000))).toMatchObject(
      [/408/, /"action":"delete"/].map((text) => expect.stringMatching(text)),
    );
    expect(js.info(name).error.err_code).toBe(10014);
  });

  it("keeps a consumer for its threshold after messages were due", () => {
    const js = new ConsumerHarness();
    js.store("a");
    js.consumer("C", { inactive_threshold: 1e9, ack_wait: 10e9 });
    const [message] = js.pull({ batch: 1 });
    js.after(10_999);
    expect(js.info().num_ack_pending).toBe(1);
    js.ack(message);
    js.after(999);
    expect(js.info().name).toBe("C");
    js.after(1);
    expect(js.info().error.err_code).toBe(10014);
  });

  it("never deletes a durable consumer with a negative threshold", () => {
    const js = new ConsumerHarness();
    js.consumer("C", { inactive_threshold: -1 });
    js.after(60_000);
    expect(js.info().name).toBe("C");
    const ephemeral = { stream_name: "S", config: { inactive_threshold: -1 } };
    expect(js.api("CONSUMER.CREATE.S", ephemeral).config.inactive_threshold).toBe(5e9);
  });

  it("has an older form with a durable name", () => {
    const js = new ConsumerHarness();
    const config = { durable_name: "D", ack_policy: "explicit" };
    const answer = js.api("CONSUMER.DURABLE.CREATE.S.D", { stream_name: "S", config });
    expect(answer).toMatchObject({ name: "D", config });
    const durable = { stream_name: "S", config: {} };
    expect(js.api("CONSUMER.DURABLE.CREATE.S.E", durable).error.err_code).toBe(10018);
  });

  it.each<[number | undefined, string, object, object?]>([
    [10056, "C", {}, { stream_name: "T" }],
    [10017, "C", { durable_name: "D" }],
    [10020, "", { durable_name: "D" }],
    [10127, "a\\b", {}],
    [10131, "C.s.a", { filter_subject: "s.b" }],
    [10137, "C.s.a", { filter_subjects: ["s.a"] }],
    [undefined, "C.s.a", { filter_subject: "s.a" }],
    [10136, "C", { filter_subject: "s.a", filter_subjects: ["s.b"] }],
    [10138, "C", { filter_subjects: ["s.a", "s.*"] }],
    [10139, "C", { filter_subjects: [""] }],
    [10052, "C", { filter_subject: "a..b" }],
    [10074, "C", { num_replicas: 3 }],
    [10133, "C", { num_replicas: -1 }],
    [10094, "C", { deliver_policy: "all", opt_start_seq: 3 }],
    [10094, "C", { deliver_policy: "new", opt_start_time: "2024-01-01T00:00:00Z" }],
    [10094, "C", { deliver_policy: "by_start_sequence" }],
    [10094, "C", { deliver_policy: "by_start_time" }],
    [10094, "C", { deliver_policy: "last_per_subject" }],
    [10116, "C", { backoff: [1e9, 2e9], max_deliver: 1 }],
    [10107, "C", { description: "x".repeat(4097) }],
    [10135, "C", { metadata: { large: "x".repeat(131_072) } }],
    [10114, "C", { max_batch: -1 }],
    [10115, "C", { max_expires: 1 }],
    [10087, "C", { max_waiting: -1 }],
    [10088, "C", { idle_heartbeat: 1e9 }],
    [10089, "C", { flow_control: true }],
    [10090, "C", { direct: true }],
    [10086, "C", { rate_limit_bps: 1000 }],
    [10025, "C", { rate_limit_bps: 1000, deliver_subject: "out" }],
    [10025, "C", { sample_freq: "50%" }],
    [10095, "C", { sample_freq: "often" }],
    [10025, "C", { priority_policy: "overflow", priority_groups: ["a"] }],
    [10025, "C", { deliver_policy: "first" }],
    [10025, "C", {}, { action: "replace" }],
    [10079, "C", { deliver_subject: "out.*" }],
    [10112, "C", { deliver_subject: "out..a" }],
    [10081, "C", { deliver_subject: "s.out" }],
    [10080, "C", { deliver_subject: "out", max_waiting: 5 }],
    [10082, "C", { deliver_subject: "out", ack_policy: "none", max_ack_pending: 5 }],
    [10083, "C", { deliver_subject: "out", idle_heartbeat: 1e7 }],
    [10108, "C", { deliver_subject: "out", flow_control: true }],
    [10091, "C", { deliver_subject: "out", direct: true, durable_name: "C" }],
    [10149, "C", {}, { action: "update" }],
    [10157, "C", { backoff: [1e9] }, { pedantic: true }],
    [10102, "x".repeat(256), {}],
  ])("answers %s: %s %j %j", (code, name, config, more = {}) => {
    expect(new ConsumerHarness().errorOf(name, config, more)).toBe(code);
  });

  it("says what is wrong", () => {
    const js = new ConsumerHarness({ consumer_limits: { inactive_threshold: 60e9, max_ack_pending: 5 } });
    const text = (config: object): string => js.consumer("C", config).error.description;
    expect(text({ deliver_policy: "by_start_time", opt_start_seq: 1 })).toBe(
      "consumer delivery policy is deliver by start time, but optional start time is not set",
    );
    expect(text({ deliver_policy: "last", opt_start_seq: 1 })).toBe(
      "consumer delivery policy is deliver last, but optional start sequence is also set",
    );
    expect(text({ inactive_threshold: 61e9 })).toBe("consumer inactive threshold exceeds system limit of 1m0s");
    expect(text({ max_ack_pending: 6 })).toBe("consumer max ack pending exceeds system limit of 5");
  });

  it("takes limits of the stream as defaults", () => {
    const js = new ConsumerHarness({ consumer_limits: { inactive_threshold: 60e9, max_ack_pending: 5 } });
    expect(js.consumer().config).toMatchObject({ inactive_threshold: 60e9, max_ack_pending: 5 });
  });

  it("refuses more consumers than the stream may have", () => {
    const js = new ConsumerHarness({ max_consumers: 1 });
    js.consumer();
    expect(js.errorOf("D", {})).toBe(10026);
    expect(js.errorOf("C", { durable_name: "C" })).toBeUndefined();
  });
});

describe("an update of a consumer", () => {
  it("changes limits at once", () => {
    const js = new ConsumerHarness();
    js.store("a", "b", "c");
    js.consumer("C", { max_ack_pending: 1, ack_wait: 10e9 });
    expect(texts(js.pull())).toEqual(["a"]);
    expect(texts(js.start({ max_ack_pending: 2, ack_wait: 2e9 }))).toEqual(["b"]);
    js.after(1999);
    expect(js.received()).toEqual([]);
    expect(texts(js.after(1))).toEqual(["a", "b"]);
    expect(js.info().config).toMatchObject({ max_ack_pending: 2, ack_wait: 2e9 });
  });

  it("changes the filter of what is not delivered yet", () => {
    const js = new ConsumerHarness();
    js.store("a", "b", "a", "b");
    js.consumer("C", { filter_subject: "s.a" });
    js.pull({ batch: 1 });
    expect(js.consumer("C", { filter_subject: "s.b" }).num_pending).toBe(2);
    expect(texts(js.pull())).toEqual(["b", "b"]);
  });

  it.each([
    ["deliver policy can not be updated", { deliver_policy: "new" }],
    ["start sequence can not be updated", { deliver_policy: "by_start_sequence", opt_start_seq: 3 }],
    ["ack policy can not be updated", { ack_policy: "all" }],
    ["replay policy can not be updated", { replay_policy: "original" }],
    ["can not update pull consumer to push based", { deliver_subject: "out" }],
    ["max waiting can not be updated", { max_waiting: 5 }],
  ])("is refused: %s", (description, config) => {
    const js = new ConsumerHarness();
    js.consumer(
      "C",
      config["opt_start_seq" as keyof object] ? { deliver_policy: "by_start_sequence", opt_start_seq: 2 } : {},
    );
    expect(js.consumer("C", config).error).toEqual({ code: 500, err_code: 10012, description });
  });

  it("is refused if the request only creates, unless nothing changes", () => {
    const js = new ConsumerHarness();
    js.consumer("C");
    expect(js.errorOf("C", { durable_name: "C" }, { action: "create" })).toBeUndefined();
    expect(js.errorOf("C", { durable_name: "C", max_deliver: 3 }, { action: "create" })).toBe(10148);
    expect(js.errorOf("C", { durable_name: "C", max_deliver: 3 }, { action: "update" })).toBeUndefined();
  });
});

describe("the API of consumers", () => {
  it("lists consumers by name, in pages", () => {
    const js = new ConsumerHarness();
    for (const name of ["c", "a", "b"]) js.consumer(name);
    js.consumer("hidden", { durable_name: "", direct: true, deliver_subject: "out", ack_policy: "none" });
    expect(js.api("CONSUMER.NAMES.S", { offset: 1 })).toEqual({
      type: "io.nats.jetstream.api.v1.consumer_names_response",
      total: 3,
      offset: 1,
      limit: 1024,
      consumers: ["b", "c"],
    });
    const { consumers, ...page } = js.api("CONSUMER.LIST.S");
    expect(page).toMatchObject({ total: 3, offset: 0, limit: 256 });
    expect(consumers.map((one: { name: string }) => one.name)).toEqual(["a", "b", "c"]);
  });

  it("answers errors with the fields of a list", () => {
    const js = new ConsumerHarness();
    expect(js.api("CONSUMER.NAMES.T")).toEqual({
      type: "io.nats.jetstream.api.v1.consumer_names_response",
      error: { code: 404, err_code: 10059, description: "stream not found" },
      total: 0,
      offset: 0,
      limit: 0,
      consumers: [],
    });
  });

  it("deletes a consumer", () => {
    const js = new ConsumerHarness();
    js.consumer();
    expect(js.api("CONSUMER.DELETE.S.C", '{"a":1}').error.err_code).toBe(10038);
    expect(js.api("CONSUMER.DELETE.S.C")).toMatchObject({ success: true });
    expect(js.api("CONSUMER.DELETE.S.C").error.err_code).toBe(10014);
    expect(js.api("CONSUMER.INFO.T.C").error.err_code).toBe(10059);
    expect(js.api("STREAM.INFO.S").state.consumer_count).toBe(0);
  });

  it("pauses a consumer until a time, and resumes it", () => {
    const js = new ConsumerHarness();
    js.store("a", "b");
    js.consumer();
    js.subscribe("$JS.EVENT.ADVISORY.CONSUMER.PAUSE.S.C", 3);
    expect(js.api("CONSUMER.PAUSE.S.C", { pause_until: "2024-01-01T00:00:02Z" })).toMatchObject({
      paused: true,
      pause_until: "2024-01-01T00:00:02Z",
      pause_remaining: 2e9,
    });
    expect(js.pull({ batch: 1 })).toEqual([]);
    expect(js.after(1500)).toEqual([]);
    expect(js.info()).toMatchObject({
      paused: true,
      pause_remaining: 5e8,
      config: { pause_until: "2024-01-01T00:00:02Z" },
    });
    const [advisory, message] = js.after(500);
    expect(JSON.parse(advisory!.payload)).toMatchObject({ paused: false, pause_until: "2024-01-01T00:00:02Z" });
    expect(message?.payload).toBe("a");
    js.api("CONSUMER.PAUSE.S.C", { pause_until: "2025-01-01T00:00:00Z" });
    js.pull({ batch: 1 });
    js.publish("$JS.API.CONSUMER.PAUSE.S.C", "", [], "ignored");
    expect(texts(js.received())).toEqual([expect.stringContaining('"paused":false'), "b"]);
  });

  it("does not count or show what other streams and accounts have", () => {
    const js = new ConsumerHarness();
    js.create("T", { subjects: ["t"] });
    js.consumer();
    expect(js.api("CONSUMER.NAMES.T").total).toBe(0);
    expect(js.api("INFO")).toMatchObject({ consumers: 1, streams: 2 });
  });
});
