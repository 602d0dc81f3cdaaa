// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from "vitest";
import { JetStreamHarness } from "../jetstream-harness.ts";

let js: JetStreamHarness;

beforeEach(() => {
  js = new JetStreamHarness();
});

/** Returns the messages of a stream as `sequence subject payload`. */
function stored(stream: string): string[] {
  return js.jetstream
    .messages(stream)
    .map(({ sequence, subject, payload }) => `${sequence} ${subject} ${new TextDecoder().decode(payload)}`);
}

function publish(...messages: readonly (readonly [subject: string, payload: string])[]): void {
  for (const [subject, payload] of messages) js.publish(subject, payload);
}

describe("a mirror", () => {
  it("has the sequences and times of its origin, with gaps", () => {
    js.create("S", { subjects: ["s.*"] });
    publish(["s.a", "1"], ["s.b", "2"], ["s.c", "3"]);
    js.api("STREAM.MSG.DELETE.S", { seq: 2 });
    js.advance(1000);
    js.create("M", { mirror: { name: "S" } });
    publish(["s.d", "4"]);
    expect(stored("M")).toEqual(["1 s.a 1", "3 s.c 3", "4 s.d 4"]);
    expect(js.jetstream.messages("M")).toEqual(js.jetstream.messages("S"));
    expect(js.api("STREAM.INFO.M").mirror).toMatchObject({ name: "S", lag: 0 });
  });

  it("keeps what its origin removes", () => {
    js.create("S", { subjects: ["s.*"] });
    js.create("M", { mirror: { name: "S" } });
    publish(["s.a", "1"]);
    js.api("STREAM.PURGE.S");
    js.api("STREAM.DELETE.S");
    expect(stored("M")).toEqual(["1 s.a 1"]);
    expect(js.api("STREAM.INFO.M").mirror.error).toMatchObject({ err_code: 10_059 });
  });

  it("begins to copy after its origin was created", () => {
    js.create("M", { mirror: { name: "S", filter_subject: "s.a", opt_start_seq: 2 } });
    js.create("S", { subjects: ["s.*"] });
    publish(["s.a", "1"], ["s.a", "2"], ["s.b", "3"], ["s.a", "4"]);
    expect(stored("M")).toEqual(["2 s.a 2", "4 s.a 4"]);
  });

  it("serves direct gets of its origin if that allows them", () => {
    js.create("S", { subjects: ["s.*"], allow_direct: true });
    js.create("M", { mirror: { name: "S" } });
    publish(["s.a", "1"]);
    js.api("STREAM.DELETE.S");
    expect(js.request("$JS.API.DIRECT.GET.S", { seq: 1 })).toMatchObject([{ payload: "1" }]);
  });

  it("cannot be updated", () => {
    js.create("S", { subjects: ["s.*"] });
    js.create("M", { mirror: { name: "S" } });
    const config = { name: "M", storage: "memory", mirror: { name: "T" } };
    expect(js.api("STREAM.UPDATE.M", config)).toMatchObject({ error: { err_code: 10_055 } });
  });
});

describe("sources", () => {
  it("are copied with sequences of their own, and name the origin", () => {
    js.create("A", { subjects: ["a.*"] });
    js.create("B", { subjects: ["b.*"] });
    const sources = [
      { name: "A", filter_subject: "a.x" },
      { name: "B", subject_transforms: [{ src: "b.*", dest: "c.$1" }] },
    ];
    js.create("S", { sources });
    publish(["a.x", "1"], ["a.y", "2"], ["b.x", "3"], ["a.x", "4"]);
    expect(stored("S")).toEqual(["1 a.x 1", "2 c.x 3", "3 a.x 4"]);
    expect(js.jetstream.messages("S").map(({ headers }) => headers?.get("Nats-Stream-Source"))).toEqual([
      "A 1 a.x >",
      "B 1 b.* c.$1",
      "A 3 a.x >",
    ]);
  });

  it("are added and removed by an update", () => {
    js.create("A", { subjects: ["a.*"] });
    js.create("B", { subjects: ["b.*"] });
    const config = { name: "S", storage: "memory" };
    js.create("S", { ...config, sources: [{ name: "A" }] });
    publish(["a.x", "1"], ["b.x", "2"]);
    js.api("STREAM.UPDATE.S", { ...config, sources: [{ name: "B" }] });
    publish(["a.x", "3"], ["b.x", "4"]);
    expect(stored("S")).toEqual(["1 a.x 1", "2 b.x 2", "3 b.x 4"]);
  });

  it("take messages from a work queue", () => {
    js.create("Q", { subjects: ["q.*"], retention: "workqueue" });
    js.create("S", { sources: [{ name: "Q" }] });
    publish(["q.x", "1"]);
    expect([stored("Q"), stored("S")]).toEqual([[], ["1 q.x 1"]]);
  });

  it("wait for room in a stream that discards new messages", () => {
    js.create("A", { subjects: ["a.*"] });
    js.create("S", { sources: [{ name: "A" }], max_msgs: 1, discard: "new" });
    publish(["a.x", "1"], ["a.x", "2"], ["a.x", "3"]);
    expect(stored("S")).toEqual(["1 a.x 1"]);
    js.api("STREAM.PURGE.S");
    expect(stored("S")).toEqual(["2 a.x 2"]);
    js.api("STREAM.MSG.DELETE.S", { seq: 2 });
    expect(stored("S")).toEqual(["3 a.x 3"]);
  });

  it("are refused if they form a cycle", () => {
    js.create("A", { subjects: ["a.*"], sources: [{ name: "B" }] });
    const refused = js.create("B", { subjects: ["b.*"], sources: [{ name: "A" }] });
    expect(refused).toMatchObject({ error: { err_code: 10_052, description: "detected cycle" } });
  });

  it("of another domain are refused", () => {
    const source = { name: "A", external: { api: "$JS.hub.API" } };
    expect(js.create("S", { sources: [source] })).toMatchObject({
      error: { err_code: 10_052, description: "external streams are not supported by this server" },
    });
  });
});
