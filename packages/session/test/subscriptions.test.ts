// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { SessionHarness } from "./session-harness.ts";

const message = "MSG foo 1 0\r\n\r\n";

describe("a subscription whose maximum is raised", () => {
  it("is begun anew, since the server may have ended it at the old one; its end is told in any case", () => {
    const talk = SessionHarness.connected();
    const sid = talk.session.subscribe("foo", { queue: "q", max: 2 });
    talk.sent();
    // On their way while the maximum is raised: the server has ended it.
    talk.session.unsubscribe(sid, 3);
    expect(talk.sent()).toBe("SUB foo q 1\r\nUNSUB 1 3\r\n");
    talk.receive(message + message);
    expect(talk.take()).toEqual(["message", "message"]);
    talk.receive(message);
    expect(talk.take()).toEqual(["message", "unsubscribed"]);
    expect(talk.sent()).toBe("UNSUB 1\r\n");
  });

  it("is told as usual to the next connection", () => {
    const talk = SessionHarness.connected();
    const sid = talk.session.subscribe("foo", { max: 2 });
    talk.session.unsubscribe(sid, 3);
    talk.lost();
    talk.connect();
    expect(talk.sent()).toMatch(/SUB foo 1\r\nUNSUB 1 3\r\n$/);
    talk.receive(message.repeat(3));
    expect(talk.take().at(-1)).toBe("unsubscribed");
    expect(talk.sent()).toBe("");
  });
});

describe("a subscription whose maximum is set or lowered", () => {
  it("is limited where it is", () => {
    const talk = SessionHarness.connected();
    const sid = talk.session.subscribe("foo");
    talk.session.unsubscribe(sid, 3);
    talk.session.unsubscribe(sid, 3);
    talk.session.unsubscribe(sid, 2);
    expect(talk.sent()).toBe("SUB foo 1\r\nUNSUB 1 3\r\nUNSUB 1 3\r\nUNSUB 1 2\r\n");
    talk.receive(message + message);
    expect(talk.take()).toEqual(["message", "message", "unsubscribed"]);
    expect(talk.sent()).toBe("");
  });

  it("ends where it has had as many", () => {
    const talk = SessionHarness.connected();
    const sid = talk.session.subscribe("foo");
    talk.receive(message + message);
    talk.sent();
    talk.session.unsubscribe(sid, 2);
    expect(talk.sent()).toBe("UNSUB 1\r\n");
    expect(talk.take().at(-1)).toBe("unsubscribed");
    talk.session.unsubscribe(sid, 5);
    expect(talk.sent()).toBe("");
    expect(() => talk.session.unsubscribe(sid, 0)).toThrow(expect.objectContaining({ code: "BAD_NUMBER" }));
  });
});
