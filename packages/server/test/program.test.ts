// SPDX-License-Identifier: Apache-2.0
import { encodeHeaders, MsgHeaders } from "@natswire/codec";
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { ServerHarness } from "./server-harness.ts";

const code = (code: string): unknown => expect.objectContaining({ code });

describe("the host program", () => {
  it("publishes to subscribed clients and to itself", () => {
    const server = new ServerHarness();
    const peer = server.connect();
    server.send(peer, "SUB foo.* 1\r\n");
    const id = server.core.subscribe("foo.>");
    const headers = encodeHeaders(new MsgHeaders([["a", "b"]]));
    const message = { subject: "foo.bar", reply: "back", headers, payload: latin1("hi") };
    expect(server.core.publish(message)).toBe(2);
    expect(server.read(peer)).toBe("HMSG foo.bar 1 back 18 20\r\nNATS/1.0\r\na: b\r\n\r\nhi\r\n");
    expect(server.delivered).toEqual([{ do: "deliver", subscription: id, message }]);
    expect(server.core.stats).toMatchObject({ published: 1, delivered: 2, subscriptions: 2 });
    expect(server.core.connection(peer)).toMatchObject({ published: 0, delivered: 1 });
  });

  it("publishes to subjects with wildcard tokens, like a client", () => {
    const server = new ServerHarness();
    const peer = server.connect();
    server.send(peer, "SUB $JS.API.> 1\r\nSUB other 2\r\n");
    const subject = "$JS.API.CONSUMER.CREATE.S.c.orders.>";
    expect(server.core.publish({ subject, reply: "_INBOX.*", payload: latin1("") })).toBe(1);
    server.send(peer, `PUB ${subject} _INBOX.* 0\r\n\r\n`);
    expect(server.read(peer)).toBe(`MSG ${subject} 1 _INBOX.* 0\r\n\r\n`.repeat(2));
  });

  it("receives in publishing order, up to its max", () => {
    const server = new ServerHarness();
    const peer = server.connect();
    const id = server.core.subscribe("foo");
    const other = server.core.subscribe("foo");
    expect(other).not.toBe(id);
    server.core.unsubscribe(id, 2);
    server.core.unsubscribe(99);
    server.send(peer, "PUB foo 1\r\na\r\nPUB foo 1\r\nb\r\nPUB foo 1\r\nc\r\n");
    const got = (of: number): string[] =>
      server.delivered
        .filter(({ subscription }) => subscription === of)
        .map(({ message }) => String.fromCharCode(...message.payload));
    expect([got(id), got(other)]).toEqual([
      ["a", "b"],
      ["a", "b", "c"],
    ]);
    server.core.unsubscribe(other);
    server.send(peer, "PUB foo 1\r\nd\r\n");
    expect(server.core.stats).toMatchObject({ subscriptions: 0, delivered: 5 });
  });

  it("is unsubscribed at once if it has received max messages", () => {
    const server = new ServerHarness();
    const id = server.core.subscribe("foo");
    server.core.publish({ subject: "foo", payload: latin1("") });
    server.core.unsubscribe(id, 1);
    expect(server.core.stats.subscriptions).toBe(0);
  });

  it("shares a queue group with clients", () => {
    const server = new ServerHarness();
    const peer = server.connect();
    server.core.subscribe("foo", "q");
    server.send(peer, "SUB foo q 1\r\n");
    expect(server.core.publish({ subject: "foo", payload: latin1("") })).toBe(1);
    // The first member, as this session's random source has it.
    expect([server.read(peer), server.delivered.length]).toEqual(["", 1]);
  });

  it("cannot publish or subscribe what a client could not", () => {
    const server = new ServerHarness({ maxPayload: 3 });
    const id = server.core.subscribe(">");
    const payload = latin1("");
    const refused = (message: object): void => {
      server.core.publish({ subject: "foo", payload, ...message } as never);
    };
    expect(() => refused({ subject: "foo..a" })).toThrow(code("BAD_SUBJECT"));
    expect(() => refused({ reply: "a b" })).toThrow(code("BAD_SUBJECT"));
    expect(() => refused({ headers: latin1("no") })).toThrow(code("BAD_HEADER"));
    expect(() => refused({ payload: latin1("four") })).toThrow(code("TOO_LARGE"));
    expect(() => refused({ headers: latin1("no"), payload: latin1("xx") })).toThrow(code("TOO_LARGE"));
    expect(() => refused({ payload: "text" })).toThrow(code("BAD_FIELD"));
    expect(() => refused({ headers: "text" })).toThrow(code("BAD_FIELD"));
    refused({ payload: latin1("yes") });
    expect(server.core.stats.published).toBe(1);
    server.settle();
    expect(server.delivered.map(({ subscription }) => subscription)).toEqual([id]);
    expect(() => server.core.subscribe("a..b")).toThrow(code("BAD_SUBJECT"));
    expect(() => server.core.subscribe(7 as never)).toThrow(code("BAD_SUBJECT"));
    expect(() => server.core.subscribe("a", "b c")).toThrow(code("BAD_QUEUE"));
    expect(server.core.stats.subscriptions).toBe(1);
  });
});
