// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { TestSession } from "./test-session.ts";

describe("a frame of the server", () => {
  it("INFO is merged into info, until the connection is lost", () => {
    const client = new TestSession();
    expect(client.session.info).toBe(undefined);
    client.connect();
    expect(client.session.info).toMatchObject({ server_id: "S", headers: true });
    client.receive('INFO {"ldm":true,"max_payload":7}\r\n');
    expect(client.session.info).toMatchObject({ server_id: "S", max_payload: 7 });
    expect(() => client.session.publish("a", { payload: latin1("12345678") })).toThrow(
      `payload of 8 bytes for "a" exceeds the server's max_payload of 7`,
    );
    client.lost();
    expect(client.session.info).toBe(undefined);
  });

  it.each([
    ["Authorization Violation", "AUTH"],
    ["Authentication Timeout", "AUTH"],
    ["User Authentication Expired", "AUTH"],
    ["User Authentication Revoked", "AUTH"],
    ["Stale Connection", "STALE"],
    ["maximum connections exceeded", "REFUSED"],
    ["Maximum Payload Violation", "REFUSED"],
  ])("-ERR %j ends the connection with reason %s", (text, reason) => {
    const client = TestSession.connected();
    client.receive(`-ERR '${text}'\r\n`);
    expect(client.events[0]).toEqual({ event: "disconnected", reason, detail: `127.0.0.1:4222: ${text}` });
  });

  it.each([
    ['Permissions Violation for Subscription to "a"', "PERMISSION", 'the server denies subscribing to "a"'],
    [
      'Permissions Violation for Subscription to "a" using queue "workers"',
      "PERMISSION",
      'the server denies subscribing to "a" using queue "workers"',
    ],
    ['Permissions Violation for Publish to "a"', "PERMISSION", 'the server denies publishing to "a"'],
    ['permissions violation for publish to "a"', "PERMISSION", 'the server denies publishing to "a"'],
    [
      'Permissions Violation for Publish with Reply of "a"',
      "PERMISSION",
      'the server denies publishing with reply "a"',
    ],
    ['Permissions Violation for Publish to "a", too long', "PERMISSION", undefined],
    ['No Permissions Violation for Publish to "a"', "PROTOCOL", undefined],
    ["Invalid Subject", "PROTOCOL", undefined],
    ["maximum subscriptions exceeded", "PROTOCOL", undefined],
  ])("-ERR %j leaves the connection open", (text, reason, detail = text) => {
    const client = TestSession.connected();
    client.receive(`-ERR '${text}'\r\n`);
    expect(client.events).toEqual([{ event: "error", reason, detail, about: undefined }]);
  });

  it("-ERR for an invalid subject is followed by its +OK (verbose)", () => {
    const client = TestSession.connected({ verbose: true });
    client.session.publish("a.b", { payload: latin1("") });
    client.receive("+OK\r\n-ERR 'Invalid Publish Subject'\r\n");
    expect(client.events).toMatchObject([{ event: "error", reason: "PROTOCOL", about: undefined }]);
    expect(client.session.stats.confirmed).toBe(0);
    client.receive("+OK\r\n");
    expect(client.session.stats.confirmed).toBe(1);
  });

  it("-ERR concerns an operation if it only mentions an invalid subject", () => {
    const client = TestSession.connected({ verbose: true });
    client.session.publish("a", { payload: latin1("") });
    client.receive("+OK\r\n-ERR 'No Invalid Publish Subject'\r\n");
    expect(client.events).toMatchObject([{ event: "error", about: "PUB a" }]);
  });

  it("-ERR for CONNECT is reported as such (verbose)", () => {
    const client = new TestSession({ verbose: true });
    client.session.opened(0);
    client.receive("INFO {}\r\n-ERR 'Something New'\r\n");
    expect(client.events).toMatchObject([{ event: "error", detail: "Something New", about: "CONNECT" }]);
  });

  it("-ERR removes a server after two rejections of the credentials only", () => {
    const attempts = (error: string): number => {
      const client = new TestSession({ waitOnFirstConnect: true, maxReconnectAttempts: -1, reconnectDelay: () => 0 });
      for (let i = 0; i < 5; i++) {
        client.session.opened(0);
        client.receive(`-ERR '${error}'\r\n`);
      }
      return client.actions.filter((action) => action.do === "dial").length;
    };
    expect(attempts("Authorization Violation")).toBe(2);
    expect(attempts("maximum connections exceeded")).toBe(6);
  });

  it("-ERR is reported with the operation it concerns (verbose)", () => {
    const client = TestSession.connected({ verbose: true });
    client.session.subscribe("a", { max: 2 });
    client.receive("+OK\r\n-ERR 'one'\r\n-ERR 'two'\r\n-ERR 'three'\r\n");
    expect(client.events.map((one) => "about" in one && one.about)).toEqual(["SUB a", "UNSUB 1", undefined]);
  });

  it.each(["MSG a 1 0\r\n\r\n", "PING\r\n", "PONG\r\n", "+OK\r\n"])(
    "is rejected before INFO unless it is -ERR: %j",
    (text) => {
      const client = TestSession.connected({ servers: ["nats://a", "nats://b"] });
      client.session.subscribe("a");
      client.lost();
      client.take();
      client.session.opened(0);
      client.receive(`${text}INFO {"tls_required":true}\r\n`);
      const detail = `b:4222: unexpected ${/[A-Z]+/.exec(text)} before the handshake completed`;
      expect(client.events).toMatchObject([{ event: "reconnecting", reason: "PROTOCOL", detail }]);
      expect(client.take()).toEqual(["close", "dial", "reconnecting"]);
      client.session.opened(0);
      client.receive("-ERR 'Connection throttling is active. Please try again later.'\r\n");
      expect(client.events.at(-1)).toMatchObject({ event: "reconnecting" });
    },
  );

  it("PING before CONNECT is answered after CONNECT", () => {
    const client = new TestSession({ hasCredentials: true });
    client.session.opened(0);
    client.receive("INFO {}\r\nPING\r\n");
    expect(client.sent()).toBe("");
    client.session.signed({ user: "ann" }, 0);
    expect(client.sent()).toMatch(/^CONNECT \{.*\}\r\nPONG\r\nPING\r\n$/);
  });

  it("MSG is rejected before the first PONG", () => {
    const client = TestSession.connected({ servers: ["nats://a", "nats://b"] });
    client.session.subscribe("a");
    client.lost();
    client.session.opened(0);
    client.receive("INFO {}\r\n");
    client.take();
    client.receive("MSG a 1 0\r\n\r\nPONG\r\n");
    expect(client.take()).toEqual(["close", "dial", "reconnecting"]);
  });

  it("is ignored before the dial has succeeded", () => {
    const client = new TestSession();
    client.receive("INFO {}\r\n");
    expect([client.take(), client.sent()]).toEqual([["dial"], ""]);
  });

  it("is ignored after a protocol violation", () => {
    const client = TestSession.connected();
    client.session.subscribe("a");
    client.receive("OOPS\r\nMSG a 1 0\r\n\r\n");
    expect(client.take()).not.toContain("message");
    client.receive("MSG a 1 0\r\n\r\n");
    expect(client.take()).not.toContain("message");
  });
});

describe("a server of another protocol", () => {
  const failure = (client: TestSession, text: string): unknown => {
    client.receive(text);
    return client.events.flatMap((event) => ("detail" in event ? [event.detail] : []))[0];
  };
  const greeted = (): TestSession => {
    const client = new TestSession();
    client.session.opened(0);
    return client;
  };

  it("is called that if its first bytes are no verb", () => {
    expect(failure(greeted(), "HTTP/1.1 400\r\n")).toContain(": not a NATS server: UNKNOWN_VERB at byte 0: ");
  });

  it("is not assumed after another error, or after the handshake", () => {
    expect(failure(greeted(), "INFO []\r\n")).toMatch(/^127\.0\.0\.1:4222: BAD_JSON at byte 0: /);
    expect(failure(TestSession.connected(), "OOPS\r\n")).toMatch(/^127\.0\.0\.1:4222: UNKNOWN_VERB at byte /);
    expect(failure(TestSession.connected(), "INFO []\r\n")).toMatch(/^127\.0\.0\.1:4222: BAD_JSON at byte /);
  });
});

describe("a connection that begins with TLS", () => {
  it.each([
    ["wss://10.0.0.1", {}],
    ["nats://10.0.0.1", { handshakeFirst: true }],
  ])("is used for credentials, and starts no second TLS: %s %j", (url, config) => {
    const client = new TestSession({ servers: [url], hasCredentials: true, ...config });
    client.session.opened(0);
    client.receive('INFO {"tls_required":true}\r\n');
    expect(client.take()).toEqual(["dial", "sign"]);
  });

  it("makes TLS required for later connections", () => {
    const client = new TestSession({ servers: ["wss://a", "ws://b"] });
    client.connect();
    client.lost();
    client.take();
    client.session.opened(0);
    client.receive("INFO {}\r\n");
    expect(client.events).toMatchObject([{ reason: "TLS", detail: "b:80: TLS is required: use wss://" }]);
  });
});

describe("a call out of turn", () => {
  it.each<[string, (client: TestSession) => void]>([
    ["opened", (client) => client.session.opened(0)],
    ["secured", (client) => client.session.secured(0)],
    ["signed", (client) => client.session.signed({ user: "ann" }, 0)],
  ])("is ignored while ready: %s", (_, say) => {
    const client = TestSession.connected();
    say(client);
    expect([client.take(), client.sent()]).toEqual([[], ""]);
    client.session.subscribe("a");
    client.receive("MSG a 1 0\r\n\r\n");
    expect(client.take()).toEqual(["message"]);
  });

  it.each<[string, (client: TestSession) => void]>([
    ["opened", (client) => client.session.opened(9)],
    ["secured", (client) => client.session.secured(9)],
    ["signed", (client) => client.session.signed({}, 9)],
    ["received", (client) => client.receive("INFO {}\r\n")],
    ["released", (client) => client.session.released(1)],
    ["lost", (client) => client.session.lost("again", 9)],
    ["elapsed", (client) => client.session.elapsed(9)],
    ["consumed", (client) => client.session.consumed(1, 1, 1)],
  ])("is ignored while waiting and when closed: %s", (_, say) => {
    const client = TestSession.connected({ random: (into) => into.fill(255) });
    client.lost();
    client.lost();
    client.take();
    say(client);
    expect([client.take(), client.sent(), client.session.deadline]).toEqual([[], "", 249]);
    client.session.close(9);
    expect(client.take()).toEqual(["closed"]);
    say(client);
    expect([client.take(), client.sent(), client.session.deadline]).toEqual([[], "", undefined]);
  });

  it("counts a time before the last one as the last one", () => {
    const client = new TestSession({ timeout: 300 });
    client.session.opened(200);
    client.session.elapsed(100);
    client.session.elapsed(299);
    expect(client.take()).toEqual(["dial"]);
    client.session.elapsed(300);
    expect(client.take()).toContain("closed");
  });
});

describe("credentials", () => {
  it("end the attempt without output if they cannot be encoded", () => {
    const client = new TestSession({ hasCredentials: true });
    client.session.opened(0);
    client.receive("INFO {}\r\n");
    client.session.signed({ user: 7 as unknown as string }, 0);
    expect(client.sent()).toBe("");
    expect(client.events).toMatchObject([
      { event: "closed", reason: "AUTH", detail: "127.0.0.1:4222: CONNECT field user must be a string" },
    ]);
  });

  it("are sent by the fields of CONNECT, and nothing else of an object", () => {
    const client = new TestSession({ hasCredentials: true });
    client.session.opened(0);
    client.receive("INFO {}\r\n");
    const secret = { user: "u", pass: "p", auth_token: "t", jwt: "j", nkey: "n", sig: "s", seed: "SUSECRET" };
    client.session.signed(secret, 0);
    const said = client.sent();
    expect(said).toContain('"user":"u","pass":"p","auth_token":"t","jwt":"j","nkey":"n","sig":"s"');
    expect(said).not.toContain("SUSECRET");
  });

  it("are not sent over plain text to another host", () => {
    for (const hasCredentials of [true, false]) {
      const servers = [hasCredentials ? "nats://10.0.0.1" : "nats://t0ken@10.0.0.1"];
      const client = new TestSession({ servers, hasCredentials, tls: "opportunistic" });
      client.session.opened(0);
      client.receive("INFO {}\r\n");
      const detail =
        "10.0.0.1:4222: credentials are not sent over plain text: use TLS, or set allowPlaintextCredentials";
      expect(client.events).toEqual([{ event: "closed", reason: "TLS", detail }]);
      expect(client.sent()).toBe("");
    }
  });
});

describe("a connection that is lost", () => {
  it.each<[string, string, (client: TestSession) => void]>([
    ["REFUSED", "was dialed", () => {}],
    ["LOST", "waited for INFO", (client) => client.session.opened(0)],
    [
      "TLS",
      "began TLS",
      (client) => {
        client.session.opened(0);
        client.receive('INFO {"tls_required":true}\r\n');
      },
    ],
  ])("has reason %s if it %s", (reason, _, come) => {
    const client = new TestSession();
    come(client);
    client.lost("the reason");
    expect(client.events).toEqual([{ event: "closed", reason, detail: "127.0.0.1:4222: the reason" }]);
    // It is gone: there is nothing to hang up.
    expect(client.take()).not.toContain("close");
  });
});
