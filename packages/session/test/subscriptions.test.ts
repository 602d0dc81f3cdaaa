// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { TestSession } from "./test-session.ts";

const message = "MSG foo 1 0\r\n\r\n";

describe("Session.unsubscribe with a higher max", () => {
  it("subscribes again: the server may have ended it at the old max", () => {
    const client = TestSession.connected();
    const sid = client.session.subscribe("foo", { queue: "q", max: 2 });
    client.sent();
    // On their way while the maximum is raised: the server has ended it.
    client.session.unsubscribe(sid, 3);
    expect(client.sent()).toBe("SUB foo q 1\r\nUNSUB 1 3\r\n");
    client.receive(message + message);
    expect(client.take()).toEqual(["message", "message"]);
    client.receive(message);
    expect(client.take()).toEqual(["message", "unsubscribed"]);
    expect(client.sent()).toBe("UNSUB 1\r\n");
  });

  it("sends the new max on the next connection", () => {
    const client = TestSession.connected();
    const sid = client.session.subscribe("foo", { max: 2 });
    client.session.unsubscribe(sid, 3);
    client.lost();
    client.connect();
    expect(client.sent()).toMatch(/SUB foo 1\r\nUNSUB 1 3\r\n$/);
    client.receive(message.repeat(3));
    expect(client.take().at(-1)).toBe("unsubscribed");
    expect(client.sent()).toBe("");
  });
});

describe("Session.unsubscribe with a first or a lower max", () => {
  it("sends UNSUB with the new max, and no second SUB", () => {
    const client = TestSession.connected();
    const sid = client.session.subscribe("foo");
    client.session.unsubscribe(sid, 3);
    client.session.unsubscribe(sid, 3);
    client.session.unsubscribe(sid, 2);
    expect(client.sent()).toBe("SUB foo 1\r\nUNSUB 1 3\r\nUNSUB 1 3\r\nUNSUB 1 2\r\n");
    client.receive(message + message);
    expect(client.take()).toEqual(["message", "message", "unsubscribed"]);
    expect(client.sent()).toBe("");
  });

  it("ends the subscription at once if max is reached", () => {
    const client = TestSession.connected();
    const sid = client.session.subscribe("foo");
    client.receive(message + message);
    client.sent();
    client.session.unsubscribe(sid, 2);
    expect(client.sent()).toBe("UNSUB 1\r\n");
    expect(client.take().at(-1)).toBe("unsubscribed");
    client.session.unsubscribe(sid, 5);
    expect(client.sent()).toBe("");
    expect(() => client.session.unsubscribe(sid, 0)).toThrow(expect.objectContaining({ code: "BAD_NUMBER" }));
  });
});
