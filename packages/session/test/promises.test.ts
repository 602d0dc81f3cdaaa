// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { bytes, Talk } from "./talk.ts";

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
    const talk = Talk.connected({ servers: ["nats://a", "nats://b"] });
    talk.session.subscribe("foo");
    talk.hear(words);
    expect(talk.events.map(({ event }) => event)).toEqual(["disconnected", "reconnecting"]);
    expect(talk.events[0]).toMatchObject({ reason: "PROTOCOL" });
    expect(talk.actions).toMatchObject([{ do: "close" }, { do: "dial", to: { host: "b" } }]);
    // What else was on its way says nothing to anybody.
    talk.hear("MSG foo 1 2\r\nhi\r\nPING\r\n");
    expect(talk.events.length).toBe(2);
  });
});

describe("time for an attempt is one for all of it", () => {
  it("TLS that does not come about", () => {
    const talk = new Talk({ timeout: 300 });
    talk.session.opened(0);
    talk.hear('INFO {"tls_required":true}\r\n');
    talk.pass(300);
    expect(talk.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
  });

  it("credentials that do not come", () => {
    const talk = new Talk({ timeout: 300, hasCredentials: true });
    talk.session.opened(0);
    talk.hear(greeting);
    talk.pass(300);
    expect(talk.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
  });

  it("a server that says a byte now and then", () => {
    const talk = new Talk({ timeout: 300 });
    talk.session.opened(0);
    for (const byte of `${greeting}PONG`) {
      talk.hear(byte);
      talk.pass(5);
    }
    expect(talk.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
  });
});

describe("TLS", () => {
  it("is a must at another server too, and whatever an INFO says later", () => {
    const talk = new Talk({ servers: ["nats://a", "nats://b"] });
    talk.session.opened(0);
    talk.hear('INFO {"tls_available":true}\r\n');
    talk.session.secured(0);
    talk.hear('PONG\r\nINFO {"tls_available":false,"tls_required":false}\r\n');
    talk.lost();
    talk.take();
    talk.said();
    talk.session.opened(0);
    talk.hear("INFO {}\r\n");
    expect(talk.take()).toEqual(["close", "dial", "reconnecting"]);
    expect(talk.said()).toBe("");
  });
});

describe("what a server may ask for has its bounds:", () => {
  it("a nonce is signed once for each connection", () => {
    const talk = new Talk({ hasCredentials: true });
    const info = 'INFO {"nonce":"0123456789abcdef"}\r\n';
    talk.session.opened(0);
    talk.hear(info + info);
    talk.session.signed({ sig: "first" }, 0);
    talk.session.signed({ sig: "second" }, 0);
    talk.hear(`PONG\r\n${info}`);
    expect(talk.actions.filter((one) => one.do === "sign").length).toBe(1);
    expect(talk.said().match(/"sig":"\w+"/g)).toEqual(['"sig":"first"']);
  });

  it("a PONG that nobody asked for confirms nothing and keeps nothing alive", () => {
    const talk = Talk.connected({ pingInterval: 1000, reconnect: false });
    talk.session.publish("foo", { payload: bytes("hi") });
    talk.hear("PONG\r\n".repeat(1000));
    expect(talk.session.stats).toMatchObject({ confirmed: 0, inFlight: 1, unexpectedPongs: 1000 });
    talk.pass(3000);
    expect(talk.events).toMatchObject([{ event: "disconnected", reason: "STALE" }, { event: "closed" }]);
  });

  it("errors that end nothing are told a hundred times a second, and all of them counted", () => {
    const talk = Talk.connected();
    talk.take();
    talk.hear("-ERR 'Permissions Violation for Publish to \"foo\"'\r\n".repeat(1000));
    expect(talk.take()).toHaveLength(100);
    expect(talk.session.stats.errors).toBe(1000);
    talk.now += 1000;
    talk.hear("-ERR 'Permissions Violation for Publish to \"bar\"'\r\n");
    expect(talk.take()).toEqual(["error"]);
  });

  it("PINGs of a server that reads no answer are answered no more when twice maxPending waits", () => {
    const talk = Talk.connected({ maxPending: 600 });
    const { session } = talk;
    session.received(bytes("PING\r\n".repeat(1000)), 0);
    let said = "";
    for (let part = session.transmit(); part !== undefined; part = session.transmit()) {
      said += String.fromCharCode(...part);
    }
    expect(said).toBe("PONG\r\n".repeat(200));
    // It reads again.
    session.released(said.length);
    talk.hear("PING\r\n");
    expect(talk.said()).toBe("PONG\r\n");
  });
});

describe("a sid", () => {
  it("is never used twice, and a message for one that nobody has is counted and nothing else", () => {
    const talk = Talk.connected();
    const first = talk.session.subscribe("foo");
    talk.session.unsubscribe(first);
    const second = talk.session.subscribe("foo");
    expect(talk.said()).toBe(`SUB foo ${first}\r\nUNSUB ${first}\r\nSUB foo ${second}\r\n`);
    expect(second).toBeGreaterThan(first);
    talk.take();
    talk.hear(`MSG foo ${first} 2\r\nhi\r\nMSG foo 999 2\r\nhi\r\n`);
    expect(talk.take()).toEqual([]);
    expect(talk.session.stats).toMatchObject({ received: 0, unmatched: 2 });
  });
});

describe("a reply", () => {
  it("settles its own request and no other, whatever it is made of", () => {
    const talk = Talk.connected();
    const [one, two] = [1, 2].map(() => talk.session.request("foo", { payload: bytes("") }, { timeout: 1000 }, 0));
    const inbox = /PUB foo (\S+\.)1 /.exec(talk.said())![1]!;
    for (const token of ["0", "01", "-1", "1e0", "3", "1.2", "__proto__", "9".repeat(30)]) {
      talk.hear(`MSG ${inbox}${token} 1 2\r\nhi\r\n`);
    }
    expect(talk.take()).toEqual([]);
    // Its headers are broken; what is made of them is the program's.
    talk.hear(`HMSG ${inbox}${one} 1 5 7\r\nabcdeok\r\n`);
    expect(talk.events).toMatchObject([{ event: "reply", ticket: one }]);
    talk.pass(1000);
    expect(talk.events.slice(1)).toMatchObject([{ event: "failed", ticket: two, reason: "TIMEOUT" }]);
  });
});
