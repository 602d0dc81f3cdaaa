// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { jetstream } from "../../src/index.ts";
import { JetStreamHarness } from "../jetstream-harness.ts";

const SECOND = 1_000_000_000;

/** Returns a server with a stream S that has messages 1 and 3, the latter with a header. */
function withMessages(): JetStreamHarness {
  const js = new JetStreamHarness();
  js.create("S", { subjects: ["s.*"], max_age: 10 * SECOND });
  for (const payload of ["one", "two"]) js.publish("s.a", payload);
  js.publish("s.b", "three\xff", ["A: b"]);
  js.api("STREAM.MSG.DELETE.S", { seq: 2 });
  js.advance(4000);
  js.api("INFO");
  return js;
}

describe("a snapshot", () => {
  it("restores streams and messages, before the server has started", () => {
    const { jetstream: source } = withMessages();
    const module = jetstream();
    module.restore(JSON.parse(JSON.stringify(source.snapshot())));
    const js = new JetStreamHarness(module);
    expect(module.messages("S")).toEqual(source.messages("S"));
    expect(js.ask("s.a", "x")).toEqual({ stream: "S", seq: 4 });
    expect(js.api("STREAM.INFO.S").config.subjects).toEqual(["s.*"]);
  });

  it("continues the age of messages", () => {
    const { jetstream: source } = withMessages();
    const js = new JetStreamHarness();
    js.jetstream.restore(source.snapshot());
    js.wake();
    js.advance(5999);
    expect(js.jetstream.messages("S")).toHaveLength(2);
    js.advance(1);
    expect(js.jetstream.messages("S")).toEqual([]);
  });

  it("continues mirrors and sources at their place", () => {
    const js = withMessages();
    js.create("M", { mirror: { name: "S" } });
    js.create("C", { sources: [{ name: "S" }] });
    js.api("STREAM.PURGE.C", { keep: 1 });
    js.jetstream.restore(js.jetstream.snapshot());
    js.wake();
    js.publish("s.c", "four");
    expect(js.jetstream.messages("M").map(({ sequence }) => sequence)).toEqual([1, 3, 4]);
    expect(js.jetstream.messages("C").map(({ sequence }) => sequence)).toEqual([2, 3]);
  });

  it("with another shape is refused", () => {
    const restore = (): void => jetstream().restore({} as never);
    expect(restore).toThrow("not a snapshot: an object");
  });

  it.each([
    [{}, "streams[0].account must be a name, not undefined"],
    [{ config: {} }, "streams[0].config.name must be a name, not undefined"],
    [{ last: 2 }, "streams[0].last must be that of the last message or above, not 2"],
    [{ messages: [{ sequence: 1.5 }] }, "streams[0].messages[0].sequence must be a whole number of 0 or more, not 1.5"],
    [{ messages: [{ payload: "%" }] }, 'streams[0].messages[0].payload must be base64, not "%"'],
    [{ messages: [{ subject: "a b" }] }, 'streams[0].messages[0].subject must be a subject, not "a b"'],
    [
      { messages: [{}, { sequence: 3 }] },
      "streams[0].messages[1].sequence must be above that of the message before, not 3",
    ],
  ])("with a field that is wrong is refused, and nothing is restored: %j", (wrong: object, message) => {
    const js = withMessages();
    const { streams } = js.jetstream.snapshot();
    const [first, second] = streams[0]!.messages;
    const { messages = [], ...rest } = wrong as { messages?: object[] };
    const changed = messages.map((one, i) => ({ ...[second, first][i], ...one }));
    const stream = { ...streams[0], ...rest, ...(changed.length > 0 && { messages: changed }) };
    const broken = Object.keys(wrong).length === 0 ? {} : stream;
    js.api("STREAM.DELETE.S", {});
    expect(() => js.jetstream.restore({ version: 1, streams: [broken] } as never)).toThrow(message);
    expect(js.jetstream.streams()).toEqual([]);
  });
});

describe("the program", () => {
  it("lists streams and reads messages", () => {
    const js = withMessages();
    expect(js.jetstream.streams()).toEqual([
      { name: "S", subjects: ["s.*"], messages: 2, firstSequence: 1, lastSequence: 3, consumers: [] },
    ]);
    const [, last] = js.jetstream.messages("S");
    expect(last).toMatchObject({ sequence: 3, subject: "s.b", time: 1_704_067_200_000 });
    expect(last?.headers?.get("A")).toBe("b");
  });

  it("gets an error for a stream that does not exist", () => {
    const js = new JetStreamHarness();
    expect(() => js.jetstream.messages("S")).toThrow('there is no stream "S" in account "$G"');
  });

  it("loses acks of messages that are stored", () => {
    const js = withMessages();
    js.jetstream.loseAcks("S", 1);
    expect(js.request("s.a", "lost", ["Nats-Msg-Id: 7"])).toEqual([]);
    expect(js.ask("s.a", "lost", ["Nats-Msg-Id: 7"])).toEqual({ stream: "S", seq: 4, duplicate: true });
  });

  it("delays acks", () => {
    const js = withMessages();
    js.jetstream.delayAcks("S", 500, 1);
    js.publish("s.a", "late", [], "_R.late");
    js.advance(499);
    expect(js.received()).toEqual([]);
    js.advance(1);
    expect(js.received()).toMatchObject([{ subject: "_R.late", payload: '{"stream":"S", "seq":4}' }]);
  });

  it("fills a stream", () => {
    const js = withMessages();
    js.jetstream.fillStream("S");
    expect(js.ask("s.a", "x")).toMatchObject({ error: { err_code: 10_077, description: "maximum messages exceeded" } });
    js.jetstream.fillStream("S", false);
    expect(js.ask("s.a", "x")).toEqual({ stream: "S", seq: 4 });
  });

  it("deletes a consumer", () => {
    const js = withMessages();
    js.api("CONSUMER.CREATE.S.C", {
      stream_name: "S",
      config: { durable_name: "C", name: "C", ack_policy: "explicit" },
    });
    js.jetstream.deleteConsumer("S", "C");
    expect(js.api("CONSUMER.INFO.S.C")).toMatchObject({ error: { err_code: 10_014 } });
    expect(() => js.jetstream.deleteConsumer("S", "C")).toThrow('there is no consumer "C" of stream "S"');
  });
});
