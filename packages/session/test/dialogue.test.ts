// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1 as bytes } from "../../../tools/testkit/latin1.ts";
import { SessionHarness } from "./session-harness.ts";

describe("what a server says", () => {
  it("of itself is there while the connection is, each time it says more", () => {
    const talk = new SessionHarness();
    expect(talk.session.info).toBe(undefined);
    talk.connect();
    expect(talk.session.info).toMatchObject({ server_id: "S", headers: true });
    talk.receive('INFO {"ldm":true,"max_payload":7}\r\n');
    expect(talk.session.info).toMatchObject({ server_id: "S", max_payload: 7 });
    expect(() => talk.session.publish("a", { payload: bytes("12345678") })).toThrow("more than the server takes, 7");
    talk.lost();
    expect(talk.session.info).toBe(undefined);
  });

  it.each([
    ["Authorization Violation", "AUTH"],
    ["Authentication Timeout", "AUTH"],
    ["User Authentication Expired", "AUTH"],
    ["User Authentication Revoked", "AUTH"],
    ["Stale Connection", "STALE"],
    ["maximum connections exceeded", "REFUSED"],
    ["Maximum Payload Violation", "REFUSED"],
  ])("at the end, %j, is why it ended: %s", (text, reason) => {
    const talk = SessionHarness.connected();
    talk.receive(`-ERR '${text}'\r\n`);
    expect(talk.events[0]).toEqual({ event: "disconnected", reason, detail: `127.0.0.1:4222: ${text}` });
  });

  it.each([
    ['Permissions Violation for Subscription to "a"', "PERMISSION"],
    ["Invalid Subject", "PROTOCOL"],
    ["maximum subscriptions exceeded", "PROTOCOL"],
  ])("of an operation, %j, ends nothing", (detail, reason) => {
    const talk = SessionHarness.connected();
    talk.receive(`-ERR '${detail}'\r\n`);
    expect(talk.events).toEqual([{ event: "error", reason, detail, about: undefined }]);
  });

  it("where it is verbose, of a subject it passes on all the same, is followed by its +OK", () => {
    const talk = SessionHarness.connected({ verbose: true });
    talk.session.publish("a.b", { payload: bytes("") });
    talk.receive("+OK\r\n-ERR 'Invalid Publish Subject'\r\n");
    expect(talk.events).toMatchObject([{ event: "error", reason: "PROTOCOL", about: undefined }]);
    expect(talk.session.stats.confirmed).toBe(0);
    talk.receive("+OK\r\n");
    expect(talk.session.stats.confirmed).toBe(1);
  });

  it("where it is verbose, of an operation it refused, names it as it was said", () => {
    const talk = SessionHarness.connected({ verbose: true });
    talk.session.subscribe("a", { max: 2 });
    talk.receive("+OK\r\n-ERR 'one'\r\n-ERR 'two'\r\n-ERR 'three'\r\n");
    expect(talk.events.map((one) => "about" in one && one.about)).toEqual(["SUB a", "UNSUB 1", undefined]);
  });

  it.each(["MSG a 1 0\r\n\r\n", "PING\r\n", "PONG\r\n", "+OK\r\n"])(
    "before INFO can only be why it has none, not %j: in front of TLS anybody could have said it",
    (text) => {
      const talk = SessionHarness.connected({ servers: ["nats://a", "nats://b"] });
      talk.session.subscribe("a");
      talk.lost();
      talk.take();
      talk.session.opened(0);
      talk.receive(`${text}INFO {"tls_required":true}\r\n`);
      expect(talk.take()).toEqual(["close", "dial", "reconnecting"]);
      talk.session.opened(0);
      talk.receive("-ERR 'Connection throttling is active. Please try again later.'\r\n");
      expect(talk.events.at(-1)).toMatchObject({ event: "reconnecting" });
    },
  );

  it("before its CONNECT is answered behind it: a server that asks for credentials takes nothing else first", () => {
    const talk = new SessionHarness({ hasCredentials: true });
    talk.session.opened(0);
    talk.receive("INFO {}\r\nPING\r\n");
    expect(talk.sent()).toBe("");
    talk.session.signed({ user: "ann" }, 0);
    expect(talk.sent()).toMatch(/^CONNECT \{.*\}\r\nPONG\r\nPING\r\n$/);
  });

  it("to a subscription can only come behind the first PONG, with which it hears of them", () => {
    const talk = SessionHarness.connected({ servers: ["nats://a", "nats://b"] });
    talk.session.subscribe("a");
    talk.lost();
    talk.session.opened(0);
    talk.receive("INFO {}\r\n");
    talk.take();
    talk.receive("MSG a 1 0\r\n\r\nPONG\r\n");
    expect(talk.take()).toEqual(["close", "dial", "reconnecting"]);
  });

  it("before the dial has succeeded is not listened to", () => {
    const talk = new SessionHarness();
    talk.receive("INFO {}\r\n");
    expect([talk.take(), talk.sent()]).toEqual([["dial"], ""]);
  });

  it("behind a fault of its own is not listened to", () => {
    const talk = SessionHarness.connected();
    talk.session.subscribe("a");
    talk.receive("OOPS\r\nMSG a 1 0\r\n\r\n");
    expect(talk.take()).not.toContain("message");
    talk.receive("MSG a 1 0\r\n\r\n");
    expect(talk.take()).not.toContain("message");
  });
});

describe("what a runtime says out of turn changes nothing", () => {
  it.each<[string, (talk: SessionHarness) => void]>([
    ["opened", (talk) => talk.session.opened(0)],
    ["secured", (talk) => talk.session.secured(0)],
    ["signed", (talk) => talk.session.signed({ user: "ann" }, 0)],
  ])("%s, of a connection that is ready", (_, say) => {
    const talk = SessionHarness.connected();
    say(talk);
    expect([talk.take(), talk.sent()]).toEqual([[], ""]);
    talk.session.subscribe("a");
    talk.receive("MSG a 1 0\r\n\r\n");
    expect(talk.take()).toEqual(["message"]);
  });

  it.each<[string, (talk: SessionHarness) => void]>([
    ["opened", (talk) => talk.session.opened(9)],
    ["secured", (talk) => talk.session.secured(9)],
    ["signed", (talk) => talk.session.signed({}, 9)],
    ["received", (talk) => talk.receive("INFO {}\r\n")],
    ["released", (talk) => talk.session.released(1)],
    ["lost", (talk) => talk.session.lost("again", 9)],
    ["elapsed", (talk) => talk.session.elapsed(9)],
    ["consumed", (talk) => talk.session.consumed(1, 1, 1)],
  ])("%s, while there is no connection, and at the end", (_, say) => {
    const talk = SessionHarness.connected({ random: (into) => into.fill(255) });
    talk.lost();
    talk.lost();
    talk.take();
    say(talk);
    expect([talk.take(), talk.sent(), talk.session.deadline]).toEqual([[], "", 249]);
    talk.session.close(9);
    expect(talk.take()).toEqual(["closed"]);
    say(talk);
    expect([talk.take(), talk.sent(), talk.session.deadline]).toEqual([[], "", undefined]);
  });

  it("a time before the last one counts as the last one", () => {
    const talk = new SessionHarness({ timeout: 300 });
    talk.session.opened(200);
    talk.session.elapsed(100);
    talk.session.elapsed(299);
    expect(talk.take()).toEqual(["dial"]);
    talk.session.elapsed(300);
    expect(talk.take()).toContain("closed");
  });
});

describe("credentials", () => {
  it("that could not go on the wire end the attempt, and nothing is said", () => {
    const talk = new SessionHarness({ hasCredentials: true });
    talk.session.opened(0);
    talk.receive("INFO {}\r\n");
    talk.session.signed({ user: 7 as unknown as string }, 0);
    expect(talk.sent()).toBe("");
    expect(talk.events).toMatchObject([
      { event: "closed", reason: "AUTH", detail: "127.0.0.1:4222: CONNECT field user must be a string" },
    ]);
  });

  it("are all of CONNECT's own fields, and nothing else of an object", () => {
    const talk = new SessionHarness({ hasCredentials: true });
    talk.session.opened(0);
    talk.receive("INFO {}\r\n");
    const secret = { user: "u", pass: "p", auth_token: "t", jwt: "j", nkey: "n", sig: "s", seed: "SUSECRET" };
    talk.session.signed(secret, 0);
    const said = talk.sent();
    expect(said).toContain('"user":"u","pass":"p","auth_token":"t","jwt":"j","nkey":"n","sig":"s"');
    expect(said).not.toContain("SUSECRET");
  });

  it("of another machine's plain text are refused though TLS may be left out, whoever has them", () => {
    for (const hasCredentials of [true, false]) {
      const servers = [hasCredentials ? "nats://10.0.0.1" : "nats://t0ken@10.0.0.1"];
      const talk = new SessionHarness({ servers, hasCredentials, tls: "opportunistic" });
      talk.session.opened(0);
      talk.receive("INFO {}\r\n");
      expect(talk.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
      expect(talk.sent()).toBe("");
    }
  });
});

describe("a connection that is lost", () => {
  it.each<[string, string, (talk: SessionHarness) => void]>([
    ["REFUSED", "is dialled", () => {}],
    ["LOST", "waits for INFO", (talk) => talk.session.opened(0)],
    [
      "TLS",
      "begins TLS",
      (talk) => {
        talk.session.opened(0);
        talk.receive('INFO {"tls_required":true}\r\n');
      },
    ],
  ])("is %s while it %s", (reason, _, come) => {
    const talk = new SessionHarness();
    come(talk);
    talk.lost("the reason");
    expect(talk.events).toEqual([{ event: "closed", reason, detail: "127.0.0.1:4222: the reason" }]);
    // It is gone: there is nothing to hang up.
    expect(talk.take()).not.toContain("close");
  });
});
