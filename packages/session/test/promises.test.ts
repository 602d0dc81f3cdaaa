// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { latin1 as bytes, fromLatin1 } from "../../../tools/testkit/latin1.ts";
import { segmentsOf } from "../../../tools/testkit/machine.ts";
import { SessionHarness } from "./session-harness.ts";

const greeting = 'INFO {"server_id":"S","version":"2.14.0","headers":true}\r\n';

describe("a server that breaks the protocol is left in the same call", () => {
  it.each([
    "HTTP/1.1 502 Bad Gateway\r\n",
    "MSG foo 1 -5\r\n",
    "MSG foo 1 5\r\nhello!",
    "MSG foo x 5\r\n",
    "PING me\r\n",
    "SUB foo 1\r\n",
    "INFO []\r\n",
    'INFO {"max_payload":"large"}\r\n',
    'INFO {"connect_urls":"10.0.0.1:4222"}\r\n',
  ])("%j", (words) => {
    const talk = SessionHarness.connected({ servers: ["nats://a", "nats://b"] });
    talk.session.subscribe("foo");
    talk.receive(words);
    expect(talk.events.map(({ event }) => event)).toEqual(["disconnected", "reconnecting"]);
    expect(talk.events[0]).toMatchObject({ reason: "PROTOCOL" });
    expect(talk.actions).toMatchObject([{ do: "close" }, { do: "dial", to: { host: "b" } }]);
    // What else was on its way says nothing to anybody.
    talk.receive("MSG foo 1 2\r\nhi\r\nPING\r\n");
    expect(talk.events.length).toBe(2);
  });
});

describe("time for an attempt is one for all of it", () => {
  it("TLS that does not come about", () => {
    const talk = new SessionHarness({ timeout: 300 });
    talk.session.opened(0);
    talk.receive('INFO {"tls_required":true}\r\n');
    talk.advance(300);
    expect(talk.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
  });

  it("credentials that do not come", () => {
    const talk = new SessionHarness({ timeout: 300, hasCredentials: true });
    talk.session.opened(0);
    talk.receive(greeting);
    talk.advance(300);
    expect(talk.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
  });

  it("a server that says a byte now and then", () => {
    const talk = new SessionHarness({ timeout: 300 });
    talk.session.opened(0);
    for (const byte of `${greeting}PONG`) {
      talk.receive(byte);
      talk.advance(5);
    }
    expect(talk.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
  });
});

describe("TLS", () => {
  it("is a must at another server too, and whatever an INFO says later", () => {
    const talk = new SessionHarness({ servers: ["nats://a", "nats://b"] });
    talk.session.opened(0);
    talk.receive('INFO {"tls_available":true}\r\n');
    talk.session.secured(0);
    talk.receive('PONG\r\nINFO {"tls_available":false,"tls_required":false}\r\n');
    talk.lost();
    talk.take();
    talk.sent();
    talk.session.opened(0);
    talk.receive("INFO {}\r\n");
    expect(talk.take()).toEqual(["close", "dial", "reconnecting"]);
    expect(talk.sent()).toBe("");
  });
});

describe("what a server may ask for has its bounds:", () => {
  it("a nonce is signed once for each connection", () => {
    const talk = new SessionHarness({ hasCredentials: true });
    const info = 'INFO {"nonce":"0123456789abcdef"}\r\n';
    talk.session.opened(0);
    talk.receive(info + info);
    talk.session.signed({ sig: "first" }, 0);
    talk.session.signed({ sig: "second" }, 0);
    talk.receive(`PONG\r\n${info}`);
    expect(talk.actions.filter((one) => one.do === "sign").length).toBe(1);
    expect(talk.sent().match(/"sig":"\w+"/g)).toEqual(['"sig":"first"']);
  });

  it("a PONG that nobody asked for confirms nothing and keeps nothing alive", () => {
    const talk = SessionHarness.connected({ pingInterval: 1000, reconnect: false });
    talk.session.publish("foo", { payload: bytes("hi") });
    talk.receive("PONG\r\n".repeat(1000));
    expect(talk.session.stats).toMatchObject({ confirmed: 0, inFlight: 1, unexpectedPongs: 1000 });
    talk.advance(3000);
    expect(talk.events).toMatchObject([{ event: "disconnected", reason: "STALE" }, { event: "closed" }]);
  });

  it("errors that end nothing are told a hundred times a second, and all of them counted", () => {
    const talk = SessionHarness.connected();
    talk.take();
    talk.receive("-ERR 'Permissions Violation for Publish to \"foo\"'\r\n".repeat(1000));
    expect(talk.take()).toHaveLength(100);
    expect(talk.session.stats.errors).toBe(1000);
    talk.now += 1000;
    talk.receive("-ERR 'Permissions Violation for Publish to \"bar\"'\r\n");
    expect(talk.take()).toEqual(["error"]);
  });

  it("PINGs of a server that reads no answer are answered no more when twice maxPending waits", () => {
    const talk = SessionHarness.connected({ maxPending: 600 });
    const { session } = talk;
    session.received(bytes("PING\r\n".repeat(1000)), 0);
    let said = "";
    for (const part of segmentsOf(() => session.transmit())) said += fromLatin1(part);
    expect(said).toBe("PONG\r\n".repeat(200));
    // It reads again.
    session.released(said.length);
    talk.receive("PING\r\n");
    expect(talk.sent()).toBe("PONG\r\n");
  });
});

describe("a sid", () => {
  it("is never used twice, and a message for one that nobody has is counted and nothing else", () => {
    const talk = SessionHarness.connected();
    const first = talk.session.subscribe("foo");
    talk.session.unsubscribe(first);
    const second = talk.session.subscribe("foo");
    expect(talk.sent()).toBe(`SUB foo ${first}\r\nUNSUB ${first}\r\nSUB foo ${second}\r\n`);
    expect(second).toBeGreaterThan(first);
    talk.take();
    talk.receive(`MSG foo ${first} 2\r\nhi\r\nMSG foo 999 2\r\nhi\r\n`);
    expect(talk.take()).toEqual([]);
    expect(talk.session.stats).toMatchObject({ received: 0, unmatched: 2 });
  });
});

describe("a reply", () => {
  it("settles its own request and no other, whatever it is made of", () => {
    const talk = SessionHarness.connected();
    const [one, two] = [1, 2].map(() => talk.session.request("foo", { payload: bytes("") }, { timeout: 1000 }, 0));
    const inbox = /PUB foo (\S+\.)1 /.exec(talk.sent())![1]!;
    for (const token of ["0", "01", "-1", "1e0", "3", "1.2", "__proto__", "9".repeat(30)]) {
      talk.receive(`MSG ${inbox}${token} 1 2\r\nhi\r\n`);
    }
    expect(talk.take()).toEqual([]);
    // Its headers are broken; what is made of them is the program's.
    talk.receive(`HMSG ${inbox}${one} 1 5 7\r\nabcdeok\r\n`);
    expect(talk.events).toMatchObject([{ event: "reply", ticket: one }]);
    talk.advance(1000);
    expect(talk.events.slice(1)).toMatchObject([{ event: "failed", ticket: two, reason: "TIMEOUT" }]);
  });
});
