// SPDX-License-Identifier: Apache-2.0
import { encodeHeaders, MsgHeaders } from "@natswire/codec";
import { describe, expect, it } from "vitest";
import { CoreHarness } from "./core-harness.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const code = (code: string): unknown => expect.objectContaining({ code });

describe("the program", () => {
  it("publishes to who is interested, and to itself", () => {
    const session = new CoreHarness();
    const peer = session.quiet();
    session.send(peer, "SUB foo.* 1\r\n");
    const id = session.core.subscribe("foo.>");
    const headers = encodeHeaders(new MsgHeaders([["a", "b"]]));
    const message = { subject: "foo.bar", reply: "back", headers, payload: bytes("hi") };
    expect(session.core.publish(message)).toBe(2);
    expect(session.receive(peer)).toBe("HMSG foo.bar 1 back 18 20\r\nNATS/1.0\r\na: b\r\n\r\nhi\r\n");
    expect(session.delivered).toEqual([{ do: "deliver", subscription: id, message }]);
    expect(session.core.stats).toMatchObject({ published: 1, delivered: 2, subscriptions: 2 });
    expect(session.core.connection(peer)).toMatchObject({ published: 0, delivered: 1 });
  });

  it("receives in the order of publishing, until it has had enough", () => {
    const session = new CoreHarness();
    const peer = session.quiet();
    const id = session.core.subscribe("foo");
    const other = session.core.subscribe("foo");
    expect(other).not.toBe(id);
    session.core.unsubscribe(id, 2);
    session.core.unsubscribe(99);
    session.send(peer, "PUB foo 1\r\na\r\nPUB foo 1\r\nb\r\nPUB foo 1\r\nc\r\n");
    const got = (of: number): string[] =>
      session.delivered
        .filter(({ subscription }) => subscription === of)
        .map(({ message }) => String.fromCharCode(...message.payload));
    expect([got(id), got(other)]).toEqual([
      ["a", "b"],
      ["a", "b", "c"],
    ]);
    session.core.unsubscribe(other);
    session.send(peer, "PUB foo 1\r\nd\r\n");
    expect(session.core.stats).toMatchObject({ subscriptions: 0, delivered: 5 });
  });

  it("has had enough at once where it asks for no more than it got", () => {
    const session = new CoreHarness();
    const id = session.core.subscribe("foo");
    session.core.publish({ subject: "foo", payload: bytes("") });
    session.core.unsubscribe(id, 1);
    expect(session.core.stats.subscriptions).toBe(0);
  });

  it("shares a queue group with its clients", () => {
    const session = new CoreHarness();
    const peer = session.quiet();
    session.core.subscribe("foo", "q");
    session.send(peer, "SUB foo q 1\r\n");
    expect(session.core.publish({ subject: "foo", payload: bytes("") })).toBe(1);
    // The first member, as this session's random source has it.
    expect([session.receive(peer), session.delivered.length]).toEqual(["", 1]);
  });

  it("is refused what could not be written or what the server would refuse, before anybody hears of it", () => {
    const session = new CoreHarness({ maxPayload: 3 });
    const id = session.core.subscribe(">");
    const payload = bytes("");
    const refused = (message: object): void => {
      session.core.publish({ subject: "foo", payload, ...message } as never);
    };
    expect(() => refused({ subject: "foo.*" })).toThrow(code("BAD_SUBJECT"));
    expect(() => refused({ reply: "a b" })).toThrow(code("BAD_SUBJECT"));
    expect(() => refused({ headers: bytes("no") })).toThrow(code("BAD_HEADER"));
    expect(() => refused({ payload: bytes("four") })).toThrow(code("TOO_LARGE"));
    expect(() => refused({ headers: bytes("no"), payload: bytes("xx") })).toThrow(code("TOO_LARGE"));
    expect(() => refused({ payload: "text" })).toThrow(code("BAD_FIELD"));
    expect(() => refused({ headers: "text" })).toThrow(code("BAD_FIELD"));
    refused({ payload: bytes("yes") });
    expect(session.core.stats.published).toBe(1);
    session.settle();
    expect(session.delivered.map(({ subscription }) => subscription)).toEqual([id]);
    expect(() => session.core.subscribe("a..b")).toThrow(code("BAD_SUBJECT"));
    expect(() => session.core.subscribe(7 as never)).toThrow(code("BAD_SUBJECT"));
    expect(() => session.core.subscribe("a", "b c")).toThrow(code("BAD_QUEUE"));
    expect(session.core.stats.subscriptions).toBe(1);
  });
});
