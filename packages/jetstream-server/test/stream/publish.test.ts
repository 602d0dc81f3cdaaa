// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from "vitest";
import { type Answer, JetStreamHarness } from "../jetstream-harness.ts";

const SECOND = 1_000_000_000;
let js: JetStreamHarness;

beforeEach(() => {
  js = new JetStreamHarness();
});

/** Publishes with headers. Returns the answer. */
function publish(subject: string, headers: readonly string[] = [], payload = "x"): Answer {
  return js.ask(subject, payload, headers);
}

/** Returns the payloads of a stream. */
function payloads(stream = "S"): string[] {
  return js.jetstream.messages(stream).map(({ payload }) => new TextDecoder().decode(payload));
}

describe("a message with an id", () => {
  it("is stored once within the window", () => {
    js.create("S", { subjects: ["s.*"], duplicate_window: SECOND });
    expect(js.request("s.a", "1", ["Nats-Msg-Id: x"])[0]?.payload).toBe('{"stream":"S", "seq":1}');
    js.advance(999);
    expect(js.request("s.b", "2", ["Nats-Msg-Id: x"])[0]?.payload).toBe('{"stream":"S", "seq":1,"duplicate": true}');
    js.advance(1);
    expect(publish("s.a", ["Nats-Msg-Id: x"])).toEqual({ stream: "S", seq: 2 });
  });

  it("is remembered after it was removed", () => {
    js.create("S", { subjects: ["s.*"] });
    publish("s.a", ["Nats-Msg-Id: x"]);
    js.api("STREAM.PURGE.S");
    expect(publish("s.a", ["Nats-Msg-Id: x"])).toEqual({ stream: "S", seq: 1, duplicate: true });
  });
});

describe("expectations of a message", () => {
  it.each([
    ["another stream", "Nats-Expected-Stream: T", 10_060, "expected stream does not match"],
    ["another last sequence", "Nats-Expected-Last-Sequence: 1", 10_071, "wrong last sequence: 2"],
    ["a malformed last sequence", "Nats-Expected-Last-Sequence: two", 10_071, "wrong last sequence: 2"],
    ["another sequence of its subject", "Nats-Expected-Last-Subject-Sequence: 2", 10_071, "wrong last sequence: 1"],
    ["another id", "Nats-Expected-Last-Msg-Id: y", 10_070, "wrong last msg ID: x"],
  ])("refuse it for %s", (_name, header, code, description) => {
    js.create("S", { subjects: ["s.*"] });
    publish("s.a");
    publish("s.b", ["Nats-Msg-Id: x"]);
    const error = { code: 400, err_code: code, description };
    expect(publish("s.a", [header])).toEqual({ error, stream: "S", seq: 0 });
    expect(payloads()).toHaveLength(2);
  });

  it("store it if all are met", () => {
    js.create("S", { subjects: ["s.*"] });
    publish("s.a");
    publish("s.b", ["Nats-Msg-Id: x"]);
    const met = [
      "Nats-Expected-Stream: S",
      "Nats-Expected-Last-Sequence: 2",
      "Nats-Expected-Last-Subject-Sequence: 0",
      "Nats-Expected-Last-Msg-Id: x",
    ];
    expect(publish("s.c", met)).toEqual({ stream: "S", seq: 3 });
    const ofAnother = ["Nats-Expected-Last-Subject-Sequence: 3", "Nats-Expected-Last-Subject-Sequence-Subject: s.*"];
    expect(publish("s.a", ofAnother)).toEqual({ stream: "S", seq: 4 });
  });
});

describe("a rollup", () => {
  it("replaces the messages of its subject, or of the stream", () => {
    js.create("S", { subjects: ["s.*"], allow_rollup_hdrs: true });
    for (const [subject, payload] of [
      ["s.a", "1"],
      ["s.b", "2"],
      ["s.a", "3"],
    ] as const)
      publish(subject, [], payload);
    publish("s.a", ["Nats-Rollup: sub"], "4");
    expect(payloads()).toEqual(["2", "4"]);
    publish("s.b", ["Nats-Rollup: ALL"], "5");
    expect(payloads()).toEqual(["5"]);
  });

  it("is refused if the stream does not allow it, or it is unknown", () => {
    js.create("S", { subjects: ["s.*"] });
    js.create("T", { subjects: ["t.*"], allow_rollup_hdrs: true });
    const failed = (description: string): object => ({ error: { code: 500, err_code: 10_111, description } });
    expect(publish("s.a", ["Nats-Rollup: sub"])).toMatchObject(failed("rollup not permitted"));
    expect(publish("t.a", ["Nats-Rollup: some"])).toMatchObject(failed('rollup value invalid: "some"'));
  });
});

describe("a publisher", () => {
  it("gets no answer from a stream with no_ack", () => {
    js.create("S", { subjects: ["s.*"], no_ack: true });
    expect(js.request("s.a", "1")).toEqual([]);
    expect(payloads()).toEqual(["1"]);
  });

  it("gets an error for a message that is too large", () => {
    js.create("S", { subjects: ["s.*"], max_msg_size: 30 });
    const headers = ["A: b"]; // 18 bytes
    expect(publish("s.a", headers, "x".repeat(12))).toEqual({ stream: "S", seq: 1 });
    expect(publish("s.a", headers, "x".repeat(13))).toMatchObject({ error: { err_code: 10_054 } });
  });

  it("gets an error for a sealed stream", () => {
    const config = { subjects: ["s.*"] };
    js.create("S", config);
    js.api("STREAM.UPDATE.S", { name: "S", storage: "memory", ...config, sealed: true });
    expect(publish("s.a")).toMatchObject({ error: { err_code: 10_109 } });
    expect(js.api("STREAM.PURGE.S")).toMatchObject({ error: { err_code: 10_109 } });
  });

  it.each([
    ["Nats-Incr: 1", 10_168],
    ["Nats-Batch-Id: b", 10_174],
    ["Nats-Schedule: @at 2030-01-01T00:00:00Z", 10_188],
  ])("gets an error for %s", (header, code) => {
    js.create("S", { subjects: ["s.*"] });
    expect(publish("s.a", [header])).toMatchObject({ error: { err_code: code }, stream: "S", seq: 0 });
  });
});

describe("a subject transform", () => {
  it("changes the subject that is stored", () => {
    js.create("S", { subjects: ["s.*.*"], subject_transform: { src: "s.*.*", dest: "t.{{wildcard(2)}}.$1" } });
    publish("s.a.b");
    expect(js.jetstream.messages("S")[0]?.subject).toBe("t.b.a");
  });

  it.each([
    ["t.{{partition(3,1,2)}}", "t.1"],
    ["{{split(1,-)}}.x", "one.two.x"],
    ["{{splitfromleft(2,2)}}", "ab.cde"],
    ["{{splitfromright(2,2)}}", "abc.de"],
    ["{{slicefromleft(2,2)}}", "ab.cd.e"],
    ["{{slicefromright(2,2)}}", "a.bc.de"],
  ])("has the function %s", (dest, subject) => {
    js.create("S", { subjects: ["s.*.*"], subject_transform: { src: "s.*.*", dest } });
    publish("s.one-two.abcde");
    expect(js.jetstream.messages("S")[0]?.subject).toBe(subject);
  });

  it.each([
    ["s.*", "t.{{wildcard(2)}}", "invalid mapping destination: wildcard index out of range in {{wildcard(2)}}: [2]"],
    ["s.*", "t.{{what(1)}}", "invalid mapping destination: unknown function in {{what(1)}}"],
    [
      "s.*",
      "t.{{split(1)}}",
      "invalid mapping destination: not enough arguments passed to the function in {{split(1)}}",
    ],
    ["s.*", "t.>", "invalid subject"],
  ])("from %s to %s is refused", (src, dest, reason) => {
    const description = `stream transform: ${reason}`;
    expect(js.create("S", { subjects: ["s.*"], subject_transform: { src, dest } })).toMatchObject({
      error: { code: 400, err_code: 10_156, description },
    });
  });
});

describe("republishing", () => {
  it("sends a copy with the place of the message", () => {
    js.create("S", { subjects: ["s.*"], republish: { src: "s.*", dest: "copy.{{wildcard(1)}}" } });
    js.subscribe("copy.>");
    publish("s.a");
    publish("s.b");
    js.publish("s.a", "again", ["A: b"]);
    expect(js.received()).toEqual([
      {
        subject: "copy.a",
        reply: undefined,
        headers: [
          "A: b",
          "Nats-Stream: S",
          "Nats-Subject: s.a",
          "Nats-Sequence: 3",
          "Nats-Time-Stamp: 2024-01-01T00:00:00Z",
          "Nats-Last-Sequence: 1",
        ],
        payload: "again",
      },
    ]);
  });

  it("sends only headers if asked", () => {
    js.create("S", { subjects: ["s.*"], republish: { dest: "copy.>", headers_only: true } });
    js.subscribe("copy.>");
    js.publish("s.a", "hello");
    const [copy] = js.received();
    expect(copy).toMatchObject({ subject: "copy.s.a", payload: "" });
    expect(copy?.headers.at(-1)).toBe("Nats-Msg-Size: 5");
  });
});
