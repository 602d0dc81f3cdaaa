// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { fromLatin1, latin1 } from "../../../tools/testkit/latin1.ts";
import { segmentsOf } from "../../../tools/testkit/machine.ts";
import { INBOX, TestSession, tokenOf } from "./test-session.ts";

const greeting = 'INFO {"server_id":"S","version":"2.14.0","headers":true}\r\n';

describe("a protocol violation by the server", () => {
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
  ])("ends the connection in the same call: %j", (words) => {
    const client = TestSession.connected({ servers: ["nats://a", "nats://b"] });
    client.session.subscribe("foo");
    client.receive(words);
    expect(client.events.map(({ event }) => event)).toEqual(["disconnected", "reconnecting"]);
    expect(client.events[0]).toMatchObject({ reason: "PROTOCOL" });
    expect(client.actions).toMatchObject([{ do: "close" }, { do: "dial", to: { host: "b" } }]);
    // What else was on its way says nothing to anybody.
    client.receive("MSG foo 1 2\r\nhi\r\nPING\r\n");
    expect(client.events.length).toBe(2);
  });
});

describe("the timeout of an attempt", () => {
  it("includes the TLS handshake", () => {
    const client = new TestSession({ timeout: 300 });
    client.session.opened(0);
    client.receive('INFO {"tls_required":true}\r\n');
    client.pass(300);
    expect(client.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
  });

  it("includes the wait for credentials", () => {
    const client = new TestSession({ timeout: 300, hasCredentials: true });
    client.session.opened(0);
    client.receive(greeting);
    client.pass(300);
    expect(client.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
  });

  it("is a total, not a time between bytes", () => {
    const client = new TestSession({ timeout: 300 });
    client.session.opened(0);
    for (const byte of `${greeting}PONG`) {
      client.receive(byte);
      client.pass(5);
    }
    expect(client.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
  });
});

describe("TLS", () => {
  it("stays required at other servers, and after a later INFO", () => {
    const client = new TestSession({ servers: ["nats://a", "nats://b"] });
    client.session.opened(0);
    client.receive('INFO {"tls_available":true}\r\n');
    client.session.secured(0);
    client.receive('PONG\r\nINFO {"tls_available":false,"tls_required":false}\r\n');
    client.lost();
    client.take();
    client.sent();
    client.session.opened(0);
    client.receive("INFO {}\r\n");
    expect(client.take()).toEqual(["close", "dial", "reconnecting"]);
    expect(client.sent()).toBe("");
  });
});

describe("a session with a hostile server", () => {
  it("signs one nonce on each connection", () => {
    const client = new TestSession({ hasCredentials: true });
    const info = 'INFO {"nonce":"0123456789abcdef"}\r\n';
    client.session.opened(0);
    client.receive(info + info);
    client.session.signed({ sig: "first" }, 0);
    client.session.signed({ sig: "second" }, 0);
    client.receive(`PONG\r\n${info}`);
    expect(client.actions.filter((one) => one.do === "sign").length).toBe(1);
    expect(client.sent().match(/"sig":"\w+"/g)).toEqual(['"sig":"first"']);
  });

  it("counts unexpected PONGs, and nothing else follows from them", () => {
    const client = TestSession.connected({ pingInterval: 1000, reconnect: false });
    client.session.publish("foo", { payload: latin1("hi") });
    client.receive("PONG\r\n".repeat(1000));
    expect(client.session.stats).toMatchObject({ confirmed: 0, inFlight: 1, unexpectedPongs: 1000 });
    client.pass(3000);
    expect(client.events).toMatchObject([{ event: "disconnected", reason: "STALE" }, { event: "closed" }]);
  });

  it("reports at most 100 errors a second, and counts all", () => {
    const client = TestSession.connected();
    client.take();
    client.receive("-ERR 'Permissions Violation for Publish to \"foo\"'\r\n".repeat(1000));
    expect(client.take()).toHaveLength(100);
    expect(client.session.stats.errors).toBe(1000);
    client.now += 1000;
    client.receive("-ERR 'Permissions Violation for Publish to \"bar\"'\r\n");
    expect(client.take()).toEqual(["error"]);
  });

  it("stops answering PINGs if twice maxPending is unread", () => {
    const client = TestSession.connected({ maxPending: 600 });
    const { session } = client;
    session.received(latin1("PING\r\n".repeat(1000)), 0);
    const said = [...segmentsOf(() => session.transmit())].map(fromLatin1).join("");
    expect(said).toBe("PONG\r\n".repeat(200));
    // It reads again.
    session.released(said.length);
    client.receive("PING\r\n");
    expect(client.sent()).toBe("PONG\r\n");
  });
});

describe("a sid", () => {
  it("is never reused; a message for an unknown one is only counted", () => {
    const client = TestSession.connected();
    const first = client.session.subscribe("foo");
    client.session.unsubscribe(first);
    const second = client.session.subscribe("foo");
    expect(client.sent()).toBe(`SUB foo ${first}\r\nUNSUB ${first}\r\nSUB foo ${second}\r\n`);
    expect(second).toBeGreaterThan(first);
    client.take();
    client.receive(`MSG foo ${first} 2\r\nhi\r\nMSG foo 999 2\r\nhi\r\n`);
    expect(client.take()).toEqual([]);
    expect(client.session.stats).toMatchObject({ received: 0, unmatched: 2 });
  });
});

describe("a reply", () => {
  it("settles its own request only, whatever bytes it has", () => {
    const client = TestSession.connected();
    const [one, two] = [1, 2].map(() => client.session.request("foo", { payload: latin1("") }, { timeout: 1000 }, 0));
    client.sent();
    const rest = "0".repeat(12);
    for (const token of ["0", "01", "-1", "1e0", "1.2", "__proto__", "9".repeat(30), `0009${rest}`, `!000${rest}`]) {
      client.receive(`MSG ${INBOX}.${token} 1 2\r\nhi\r\n`);
    }
    for (const token of [`0000${rest.slice(1)}1`, `0000${rest}0`, `000${rest}`, `__0_${rest}`, `\xff000${rest}`]) {
      client.receive(`MSG ${INBOX}.${token} 1 2\r\nhi\r\n`);
    }
    expect(client.take()).toEqual([]);
    // Its headers are broken; what is made of them is the program's.
    client.receive(`HMSG ${INBOX}.${tokenOf(one!)} 1 5 7\r\nabcdeok\r\n`);
    expect(client.events).toMatchObject([{ event: "reply", ticket: one }]);
    client.pass(1000);
    expect(client.events.slice(1)).toMatchObject([{ event: "failed", ticket: two, reason: "TIMEOUT" }]);
  });

  it("cannot be forged by a responder that saw 10,000 earlier reply subjects", () => {
    const client = TestSession.connected({ random: (into) => void crypto.getRandomValues(into) });
    const ask = (): { ticket: number; reply: string } => {
      const ticket = client.session.request("foo", { payload: latin1("") }, { timeout: 1000 }, 0);
      return { ticket, reply: /PUB foo (\S+) 0/.exec(client.sent())![1]! };
    };
    const seen = Array.from({ length: 10_000 }, () => {
      const { reply } = ask();
      client.receive(`MSG ${reply} 1 0\r\n\r\n`);
      return reply;
    });
    client.take();
    const { ticket, reply } = ask();
    // The slot is known. Its random part is new.
    const known = reply.slice(0, -12);
    const guesses = seen.flatMap((one) => [
      one,
      known + one.slice(-12),
      known + [...one.slice(-12)].reverse().join(""),
    ]);
    for (const guess of guesses) client.receive(`MSG ${guess} 1 0\r\n\r\n`);
    expect(client.take()).toEqual([]);
    client.receive(`MSG ${reply} 1 0\r\n\r\n`);
    expect(client.events).toMatchObject([{ event: "reply", ticket }]);
  });
});

describe("a request without a connection", () => {
  const ask = (client: TestSession, more = {}): number =>
    client.session.request("foo", { payload: latin1("x") }, { timeout: 100, ...more }, client.now);

  it("is never sent after its timeout, and is counted as dropped", () => {
    const client = new TestSession();
    const tickets = [ask(client), ask(client, { many: {} }), ask(client, { noMux: true })];
    const later = ask(client, { timeout: 5000 });
    client.pass(100);
    const detail = "not sent: no connection for 100 ms";
    expect(client.events).toMatchObject(
      tickets.map((ticket) => ({ event: "failed", ticket, reason: "TIMEOUT", detail })),
    );
    expect(client.session.stats).toMatchObject({ published: 4, buffered: 1, dropped: 3 });
    client.connect();
    expect(client.sent()).toBe(`SUB ${INBOX}.* 1\r\nPUB foo ${INBOX}.${tokenOf(later)} 1\r\nx\r\n`);
  });

  it("is never sent after it was cancelled, and makes room at once", () => {
    const client = new TestSession({ maxPending: 100 });
    const ticket = ask(client);
    expect(client.session.isFull).toBe(true);
    client.session.cancel(ticket);
    expect(client.take()).toContain("ready");
    expect(client.session.stats).toMatchObject({ published: 1, buffered: 0, dropped: 1 });
    client.session.cancel(ticket);
    expect(client.session.stats.dropped).toBe(1);
    client.connect();
    expect(client.sent()).toBe(`SUB ${INBOX}.* 1\r\n`);
  });

  it("is not withdrawn by an operation that took its slot", () => {
    const client = new TestSession();
    client.session.cancel(ask(client));
    const kept = ask(client, { timeout: 5000 });
    client.session.cancel(client.session.flush(0));
    client.connect();
    expect(client.sent()).toContain(tokenOf(kept));
  });
});

describe("a ticket", () => {
  it("is never used again, although its slot is", () => {
    const client = TestSession.connected();
    const seen = new Set<number>();
    for (let i = 0; i < 1000; i++) {
      const ticket =
        i % 3 === 0 ? client.session.flush(0) : client.session.request("a", { payload: latin1("") }, {}, 0);
      expect(seen.has(ticket)).toBe(false);
      seen.add(ticket);
      client.session.cancel(ticket);
      client.session.cancel(ticket);
    }
    expect(new Set([...seen].map((ticket) => ticket % 1_048_576)).size).toBe(1);
  });
});
