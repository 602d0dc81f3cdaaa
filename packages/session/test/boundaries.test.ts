// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { UNBOUNDED } from "../src/index.ts";
import { TestSession } from "./test-session.ts";

const INBOX = `_INBOX.${"0".repeat(16)}`;
const payload = (size: number): { payload: Uint8Array } => ({ payload: new Uint8Array(size) });
const message = (size: number): string => `MSG foo 1 ${size}\r\n${"x".repeat(size)}\r\n`;

describe("the size of a message", () => {
  it("is limited to the server's max_payload, headers included", () => {
    const { session } = TestSession.connected({}, ',"max_payload":5');
    expect(session.publish("a", payload(5))).toBe("accepted");
    expect(session.publish("a", { headers: latin1("abc"), payload: latin1("de") })).toBe("accepted");
    expect(() => session.publish("a", payload(6))).toThrow(
      `payload of 6 bytes for "a" exceeds the server's max_payload of 5`,
    );
    expect(() => session.publish("a", { headers: latin1("abc"), payload: latin1("def") })).toThrow(
      `payload and headers of 6 bytes for "a" exceed the server's max_payload of 5`,
    );
    const nothing = TestSession.connected({}, ',"max_payload":0').session;
    expect(nothing.publish("a", payload(0))).toBe("accepted");
    expect(() => nothing.publish("a", payload(1))).toThrow(
      `payload of 1 bytes for "a" exceeds the server's max_payload of 0`,
    );
    expect(TestSession.connected({}, ',"max_payload":-1').session.publish("a", payload(2_000_000))).toBe("accepted");
    const unlimited = new TestSession();
    unlimited.session.opened(0);
    unlimited.receive("INFO {}\r\nPONG\r\n");
    expect(unlimited.session.publish("a", payload(2_000_000))).toBe("accepted");
  });

  it("is limited to maxPending without a connection, overhead included", () => {
    const kept = (size: number, headers?: Uint8Array): unknown =>
      new TestSession({ maxPending: 148 }).session.publish("abc", { headers, payload: new Uint8Array(size) });
    expect([kept(7), kept(8), kept(81)]).toEqual(["accepted", "full", "full"]);
    expect(() => kept(82)).toThrow('message of 149 bytes for "abc" exceeds maxPending of 148');
    expect([kept(5, latin1("ab")), kept(6, latin1("ab"))]).toEqual(["accepted", "full"]);
  });

  it("is not counted if refused, and counted if dropped", () => {
    const dropping = new TestSession({ whileDisconnected: "drop" }).session;
    dropping.publish("a", payload(1));
    expect(dropping.stats).toMatchObject({ published: 1, dropped: 1 });
    const refusing = new TestSession({ whileDisconnected: "reject" }).session;
    refusing.publish("a", payload(1));
    expect(refusing.stats).toMatchObject({ published: 0, dropped: 0 });
  });
});

describe("a lagging subscription", () => {
  it.each([
    ["messages", { maxMessages: 4 }, 1],
    ["bytes", { maxBytes: 40 }, 10],
  ])("catches up at half of its limit or less: %s", (_, options, size) => {
    const client = TestSession.connected();
    const sid = client.session.subscribe("foo", options);
    client.receive(message(size).repeat(6));
    expect(client.take()).toEqual(["message", "message", "message", "message", "dropped"]);
    client.session.consumed(sid, 1, size);
    expect(client.take()).toEqual([]);
    client.session.consumed(sid, 1, size);
    expect(client.take()).toEqual(["dropped"]);
    // The first drop after that is reported at once again.
    client.receive(message(size).repeat(4));
    expect(client.take()).toEqual(["message", "message", "dropped"]);
  });

  it("counts the bytes of headers against maxBytes", () => {
    const client = TestSession.connected();
    client.session.subscribe("foo", { maxBytes: 24 });
    client.receive("HMSG foo 1 12 13\r\nNATS/1.0\r\n\r\nx\r\n".repeat(3));
    expect(client.take()).toEqual(["message", "message", "dropped"]);
  });

  it("drops nothing with UNBOUNDED", () => {
    const client = TestSession.connected();
    client.session.subscribe("foo", UNBOUNDED);
    client.receive(message(0).repeat(65_537));
    expect(new Set(client.take())).toEqual(new Set(["message"]));
  });

  it("accepts a max from 1 to 999,999,999 only", () => {
    const { session } = TestSession.connected();
    session.subscribe("foo", { max: 999_999_999 });
    for (const max of [1_000_000_000, 1.5, -1, Number.NaN]) {
      expect(() => session.subscribe("foo", { max })).toThrow(`max must be an integer from 1 to 999999999, not ${max}`);
    }
    expect(() => session.subscribe("foo", { maxBytes: -1 })).toThrow("maxBytes must be a number above 0, not -1");
  });
});

describe("a control line", () => {
  const longest = (rest: string): string => "x".repeat(4096 - rest.length);
  const headers = latin1("NATS/1.0\r\n\r\n");
  const payload = latin1("12345678901");

  it.each([
    ["its subject", 3, {}, ""],
    ["a reply", 8, { reply: "back" }, ""],
    ["headers", 6, { headers }, ""],
    ["letters of two, three and four bytes", 12, {}, "é€😀"],
  ])("is published if it has at most 4,096 bytes, with %s", (_, others, more, begins) => {
    const subject = begins + "x".repeat(4096 - others);
    for (const client of [TestSession.connected(), new TestSession()]) {
      const publish = (to: string): unknown => client.session.publish(to, { payload, ...more });
      expect(() => publish(`${subject}x`)).toThrow("control line is 4097 bytes, limit 4096 (maxControlLine)");
      expect(client.session.stats.published).toBe(0);
      expect(publish(subject)).toBe("accepted");
    }
  });

  it("is limited for SUB too, with queue group and sid, to maxControlLine", () => {
    const { session } = TestSession.connected();
    const tooLong = expect.objectContaining({ code: "TOO_LARGE" });
    expect(() => session.subscribe(`${longest(" 1")}x`)).toThrow(tooLong);
    session.subscribe(longest(" 1"));
    expect(() => session.subscribe(`${longest(" q 2")}x`, { queue: "q" })).toThrow(tooLong);
    TestSession.connected({ maxControlLine: 10_000 }).session.subscribe("x".repeat(9000));
  });
});

describe("a NO_RESPONDERS failure", () => {
  const answered = (block: string, body = ""): unknown => {
    const client = TestSession.connected();
    const ticket = client.session.request("a", { payload: latin1("") }, { timeout: 100 }, 0);
    const size = block.length + body.length;
    client.receive(`HMSG ${INBOX}.${ticket} 1 ${block.length} ${size}\r\n${block}${body}\r\n`);
    expect(client.session.stats).toMatchObject({ received: 1, unmatched: 0 });
    return client.events.map((one) => (one.event === "failed" ? one.reason : one.event));
  };

  it("needs an empty message with the status 503", () => {
    expect(answered("NATS/1.0 503\r\n\r\n")).toEqual(["NO_RESPONDERS"]);
    expect(answered("NATS/1.0 503")).toEqual(["NO_RESPONDERS"]);
    expect(answered("NATS/1.0 503\r\n\r\n", "x")).toEqual(["reply"]);
    expect(answered("NATS/1.0 404\r\n\r\n")).toEqual(["reply"]);
    expect(answered("NATS/1.0 50")).toEqual(["reply"]);
    expect(answered("NATS/1.0\r\n\r\n")).toEqual(["reply"]);
  });
});

describe("a request", () => {
  it("fails and removes its inbox if it is refused or dropped", () => {
    for (const whileDisconnected of ["reject", "drop"] as const) {
      const client = new TestSession({ whileDisconnected });
      const ticket = client.session.request("a", { payload: latin1("") }, { timeout: 100, noMux: true }, 0);
      client.settle();
      expect(client.events).toEqual([{ event: "failed", ticket, reason: "LOST", detail: "not sent: no connection" }]);
      client.connect();
      expect(client.sent()).toBe("");
    }
  });

  it("keeps an inbox of its own until the last reply", () => {
    const client = TestSession.connected();
    const many = { maxMessages: 2 };
    client.session.request("a", { payload: latin1("") }, { timeout: 100, noMux: true, reply: "mine", many }, 0);
    client.sent();
    client.receive("MSG mine 1 0\r\n\r\n");
    expect(client.sent()).toBe("");
    client.receive("MSG mine 1 0\r\n\r\n");
    expect(client.sent()).toBe("UNSUB 1\r\n");
  });

  it("rejects limits that are not positive numbers", () => {
    const { session } = TestSession.connected();
    const ask = (many: object) => (): number =>
      session.request("a", { payload: latin1("") }, { timeout: 100, many }, 0);
    expect(ask({ maxMessages: 0 })).toThrow("maxMessages must be a number above 0, not 0");
    expect(ask({ maxMessages: "2" })).toThrow('maxMessages must be a number above 0, not "2"');
    expect(ask({ stall: Number.NaN })).toThrow("stall must be a number above 0, not NaN");
  });
});
