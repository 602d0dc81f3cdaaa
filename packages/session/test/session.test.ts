// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { outputsOf, segmentsOf } from "../../../tools/testkit/machine.ts";
import { INBOX, TestSession, tokenOf } from "./test-session.ts";

describe("SessionConfig", () => {
  it.each([
    [{ timeout: 0 }, "BAD_NUMBER"],
    [{ pingInterval: Number.NaN }, "BAD_NUMBER"],
    [{ maxPending: -1 }, "BAD_NUMBER"],
    [{ timeout: "5" as unknown as number }, "BAD_NUMBER"],
    [{ maxReconnectAttempts: 0 }, "BAD_NUMBER"],
    [{ maxReconnectAttempts: "5" as unknown as number }, "BAD_NUMBER"],
    [{ maxReconnectAttempts: -2 }, "BAD_NUMBER"],
    [{ maxControlLine: 0 }, "BAD_NUMBER"],
    [{ name: 5 as unknown as string }, "BAD_FIELD"],
    [{ whileDisconnected: "rejct" as "reject" }, "BAD_FIELD"],
    [{ tls: "always" as "require" }, "BAD_FIELD"],
    [{ inboxPrefix: "a b" }, "BAD_SUBJECT"],
    [{ inboxPrefix: "a.*" }, "BAD_SUBJECT"],
    [{ servers: [] }, "BAD_FIELD"],
    [{ servers: ["http://x"] }, "BAD_FIELD"],
  ])("rejects %j", (config, code) => {
    expect(() => new TestSession(config)).toThrow(expect.objectContaining({ code }));
  });

  it("sends the version of the package by default", () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(new TestSession().connect()).toContain(`"lang":"natswire","version":"${version}"`);
  });
});

describe("the handshake", () => {
  it("waits for INFO, sends CONNECT and PING, and ends with the PONG", () => {
    const client = new TestSession({ name: "ann", version: "1.2.3" });
    expect(client.actions).toEqual([
      {
        do: "dial",
        to: { scheme: "tcp", host: "127.0.0.1", port: 4222, path: undefined, serverName: "127.0.0.1" },
        timeout: 20_000,
      },
    ]);
    client.session.opened(0);
    expect(client.sent()).toBe("");
    const said = client.connect();
    expect(said).toMatch(/^CONNECT \{.*\}\r\nPING\r\n$/);
    expect(JSON.parse(said.slice(8, said.indexOf("\r\n")))).toEqual({
      verbose: false,
      pedantic: false,
      tls_required: false,
      echo: true,
      name: "ann",
      lang: "natswire",
      version: "1.2.3",
      protocol: 1,
      headers: true,
      no_responders: true,
    });
    expect(client.events).toMatchObject([{ event: "connected", again: false, info: { server_id: "S" } }]);
  });

  it("disables headers if the server does not support them", () => {
    const client = new TestSession();
    expect(client.connect(',"headers":false')).toContain('"headers":false,"no_responders":false');
  });

  it("sends credentials of the URL, over plain text to loopback only", () => {
    expect(new TestSession({ servers: ["nats://ann:s%40c@localhost"] }).connect()).toContain(
      '"user":"ann","pass":"s@c"',
    );
    expect(new TestSession({ servers: ["t0ken@127.0.0.1:4222"] }).connect()).toContain('"auth_token":"t0ken"');
  });

  it("asks the runtime for credentials, with the nonce", () => {
    const client = new TestSession({ hasCredentials: true });
    client.session.opened(0);
    client.receive('INFO {"nonce":"6x4K8-DGTEWZa24"}\r\n');
    expect(client.actions.at(-1)).toMatchObject({ do: "sign", nonce: "6x4K8-DGTEWZa24" });
    expect(client.sent()).toBe("");
    client.session.signed({ nkey: "U", sig: "S" }, 0);
    expect(client.sent()).toContain('"nkey":"U","sig":"S"');
  });

  it.each(["short", "x".repeat(129), "two words in it", "line\\nfeed-in-it"])("does not sign the nonce %j", (nonce) => {
    const client = new TestSession({ hasCredentials: true });
    client.session.opened(0);
    client.receive(`INFO {"nonce":"${nonce}"}\r\n`);
    expect(client.take()).toContain("closed");
    expect(client.sent()).toBe("");
  });

  it("ends with one event if the server violates the protocol", () => {
    const client = new TestSession();
    client.session.opened(0);
    client.receive("HTTP/1.1 400 Bad Request\r\n");
    const detail = expect.stringMatching(/^127\.0\.0\.1:4222: not a NATS server: UNKNOWN_VERB at byte 0/);
    expect(client.events).toEqual([{ event: "closed", reason: "PROTOCOL", detail }]);
    expect(client.actions.at(-1)).toEqual({ do: "close", flushed: false });
  });

  it("times out in any phase", () => {
    for (const steps of [0, 1, 2]) {
      const client = new TestSession({ timeout: 300 });
      if (steps > 0) client.session.opened(0);
      if (steps > 1) client.receive("INFO {}\r\n");
      client.pass(299);
      expect(client.events).toEqual([]);
      client.pass(1);
      expect(client.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
    }
  });

  it("ends if the server rejects the credentials", () => {
    const client = new TestSession();
    client.session.opened(0);
    client.receive("INFO {}\r\n");
    client.receive("-ERR 'Authorization Violation'\r\n");
    expect(client.events).toMatchObject([
      { event: "closed", reason: "AUTH", detail: "127.0.0.1:4222: Authorization Violation" },
    ]);
  });
});

describe("TLS", () => {
  const secret = { servers: ["nats://ann:s3cret@example.org"] };
  const plaintext = "127.0.0.1:4222: unexpected plain text before the TLS handshake";

  it("starts after INFO if the server requires it, with a new decoder", () => {
    const client = new TestSession();
    client.session.opened(0);
    client.receive('INFO {"tls_required":true}\r\n');
    expect(client.actions.at(-1)).toEqual({ do: "start-tls", serverName: "127.0.0.1" });
    expect(client.sent()).toBe("");
    client.session.secured(0);
    expect(client.sent()).toContain('"tls_required":true');
    // Bytes count from the beginning of TLS.
    client.receive("OOPS\r\n");
    expect(client.events).toMatchObject([{ detail: expect.stringContaining("UNKNOWN_VERB at byte 0") }]);
  });

  it("fails if data follows INFO", () => {
    const client = new TestSession();
    client.session.opened(0);
    client.receive('INFO {"tls_required":true}\r\nPI');
    expect(client.events).toEqual([{ event: "closed", reason: "TLS", detail: plaintext }]);
  });

  it("fails if plain text arrives before the TLS handshake", () => {
    const client = new TestSession();
    client.session.opened(0);
    client.receive('INFO {"tls_available":true}\r\n');
    // No bytes are nothing that is said.
    client.receive("");
    expect(client.take()).toEqual(["dial", "start-tls"]);
    client.receive("PING\r\n");
    expect(client.events).toEqual([{ event: "closed", reason: "TLS", detail: plaintext }]);
  });

  it("is required for credentials, unless to loopback or allowed", () => {
    const client = new TestSession(secret);
    client.session.opened(0);
    client.receive("INFO {}\r\n");
    expect(client.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
    expect(client.sent()).toBe("");
    expect(new TestSession({ ...secret, allowPlaintextCredentials: true }).connect()).toContain("s3cret");
    const never = new TestSession({ ...secret, tls: "never" });
    never.session.opened(0);
    never.receive("INFO {}\r\n");
    expect(never.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
  });

  it("is required by tls:// URLs, and refused with tls: never", () => {
    const must = new TestSession({ servers: ["tls://127.0.0.1"] });
    must.session.opened(0);
    must.receive("INFO {}\r\n");
    expect(must.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
    const mustNot = new TestSession({ tls: "never" });
    mustNot.session.opened(0);
    mustNot.receive('INFO {"tls_required":true}\r\n');
    expect(mustNot.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
  });

  it("has the name of a discovered server that INFO named inside TLS only", () => {
    const first = 'INFO {"tls_required":true,"connect_urls":["b:4222"]}\r\n';
    for (const [later, serverName] of [
      ["", "a"],
      ['INFO {"connect_urls":["b:4222"]}\r\n', "b"],
    ] as const) {
      const client = new TestSession({ servers: ["tls://a"] });
      client.session.opened(0);
      client.receive(first);
      client.session.secured(0);
      client.receive(`PONG\r\n${later}`);
      client.lost();
      client.session.opened(0);
      client.receive(first);
      expect(client.actions.at(-1)).toEqual({ do: "start-tls", serverName });
    }
  });

  it("is required after one connection used it", () => {
    const client = new TestSession();
    client.session.opened(0);
    client.receive('INFO {"tls_available":true}\r\n');
    client.session.secured(0);
    client.receive("PONG\r\n");
    client.lost();
    client.session.opened(0);
    client.receive("INFO {}\r\n");
    expect(client.events.at(-2)).toMatchObject({ event: "reconnecting" });
    expect(client.sent()).not.toContain('CONNECT {"verbose":false,"pedantic":false,"tls_required":false');
  });

  it("comes before INFO with handshakeFirst", () => {
    const client = new TestSession({ handshakeFirst: true });
    expect(client.actions).toMatchObject([{ do: "dial", to: { scheme: "tls-first" } }]);
    expect(client.connect()).toContain('"tls_required":true');
  });
});

describe("a message", () => {
  it("is copied at publish with isCopied, and borrowed without", () => {
    const client = TestSession.connected();
    const payload = new Uint8Array(9000).fill(0x61);
    client.session.publish("a", { payload, isCopied: true });
    client.session.publish("b", { payload });
    payload.fill(0x62);
    expect(client.sent()).toBe(`PUB a 9000\r\n${"a".repeat(9000)}\r\nPUB b 9000\r\n${"b".repeat(9000)}\r\n`);
  });

  it("keeps its copy unchanged until it is released", () => {
    const { session } = TestSession.connected();
    const payload = new Uint8Array(9000);
    const inFlight: { readonly parts: Uint8Array[]; readonly byte: number }[] = [];
    for (let byte = 1; byte <= 200; byte++) {
      session.publish("a", { payload: payload.fill(byte), isCopied: true });
      const parts = [...segmentsOf(() => session.transmit())];
      inFlight.push({ parts, byte });
      for (const one of inFlight) {
        const sent = Buffer.concat(one.parts);
        expect(sent.length).toBe(9014);
        expect(sent.subarray(12, -2).every((each) => each === one.byte)).toBe(true);
      }
      if (inFlight.length > 5) for (const { length } of inFlight.shift()!.parts) session.released(length);
    }
  });

  it("is copied to memory that is used again after it is released", () => {
    const { session } = TestSession.connected();
    const buffers = new Set<ArrayBufferLike>();
    // Many times the memory that one block has.
    for (let i = 0; i < 100; i++) {
      session.publish("a", { payload: new Uint8Array(9000), isCopied: true });
      for (const bytes of [...segmentsOf(() => session.transmit())]) {
        buffers.add(bytes.buffer);
        session.released(bytes.length);
      }
    }
    expect(buffers.size).toBe(1);
  });

  it("is counted as in flight, then confirmed by a PONG, or unknown", () => {
    const client = TestSession.connected();
    client.session.publish("foo", { payload: latin1("hi") });
    client.session.publish("foo", { reply: "back", headers: latin1("NATS/1.0\r\n\r\n"), payload: latin1("") });
    expect(client.sent()).toBe("PUB foo 2\r\nhi\r\nHPUB foo back 12 12\r\nNATS/1.0\r\n\r\n\r\n");
    expect(client.session.stats).toMatchObject({ published: 2, inFlight: 2, confirmed: 0 });
    const ticket = client.session.flush(0);
    client.session.publish("foo", { payload: latin1("") });
    client.receive("PONG\r\n");
    expect(client.events).toEqual([{ event: "flushed", ticket }]);
    expect(client.session.stats).toMatchObject({ published: 3, inFlight: 1, confirmed: 2 });
    client.lost();
    expect(client.session.stats).toMatchObject({ published: 3, inFlight: 0, confirmed: 2, unknown: 1 });
  });

  it("is delivered to its subscription, until max is reached", () => {
    const client = TestSession.connected();
    const sid = client.session.subscribe("foo.*", { queue: "q", max: 2 });
    expect(client.sent()).toBe("SUB foo.* q 1\r\nUNSUB 1 2\r\n");
    client.receive("MSG foo.a 1 1\r\na\r\nMSG foo.b 1 back 1\r\nb\r\nMSG foo.c 1 1\r\nc\r\nMSG foo.c 9 1\r\nc\r\n");
    expect(client.events).toMatchObject([
      { event: "message", to: sid, message: { subject: "foo.a", payload: latin1("a") } },
      { event: "message", to: sid, message: { subject: "foo.b", reply: "back" } },
      { event: "unsubscribed", of: sid, failure: undefined, counts: { received: 2, dropped: 0 } },
    ]);
    expect(client.session.stats).toMatchObject({ received: 2, unmatched: 2 });
  });

  it("is not delivered after unsubscribe, in the same chunk too", () => {
    const client = TestSession.connected();
    const { session } = client;
    const sid = session.subscribe("foo");
    session.received(latin1(`MSG foo ${sid} 1\r\n1\r\nMSG foo ${sid} 1\r\n2\r\n`), 0);
    expect(session.poll()).toMatchObject({ event: "message", message: { payload: latin1("1") } });
    session.unsubscribe(sid);
    expect(client.take()).toEqual(["unsubscribed"]);
    expect(session.stats).toMatchObject({ received: 1, unmatched: 1 });
  });

  it("precedes the loss of its connection", () => {
    const client = TestSession.connected();
    const { session } = client;
    const sid = session.subscribe("foo", { max: 2 });
    session.received(latin1(`MSG foo ${sid} 1\r\n1\r\nPING\r\nMSG foo ${sid} 1\r\n2\r\n`), 0);
    session.lost("reset", 0);
    expect(client.take()).toEqual(["dial", "message", "message", "unsubscribed", "disconnected", "reconnecting"]);
  });

  it("is dropped and counted if its subscription is full (drop-newest)", () => {
    const client = TestSession.connected();
    const sid = client.session.subscribe("foo", { maxMessages: 2 });
    const one = "MSG foo 1 1\r\na\r\n";
    client.receive(one.repeat(5));
    expect(client.events.map((one) => one.event)).toEqual(["message", "message", "dropped"]);
    client.session.consumed(sid, 1, 1);
    client.receive(one);
    expect(client.events.slice(3)).toMatchObject([{ event: "dropped", of: sid, messages: 2 }, { event: "message" }]);
  });

  it("drops the oldest if its subscription is full (drop-oldest)", () => {
    const client = TestSession.connected();
    const of = client.session.subscribe("foo", { maxBytes: 5, overflow: "drop-oldest" });
    const message = (size: number): string => `MSG foo 1 ${size}\r\n${"x".repeat(size)}\r\n`;
    client.receive(message(2) + message(2) + message(2) + message(9) + message(1));
    expect(client.events.slice(3)).toMatchObject([
      { event: "forget", of, messages: 1 },
      { event: "dropped", of, messages: 1 },
      { event: "message", message: { payload: { length: 9 } } },
      { event: "forget", of, messages: 3 },
      { event: "message", message: { payload: { length: 1 } } },
    ]);
    client.session.consumed(of, 1, 1);
    expect(client.take().at(-1)).toBe("dropped");
  });

  it("is counted as dropped at once, and reported once a second", () => {
    const client = TestSession.connected();
    const of = client.session.subscribe("foo", { maxMessages: 1 });
    const dropped = (): number[] =>
      client.events.splice(0).flatMap((event) => (event.event === "dropped" ? [event.messages] : []));
    client.receive("MSG foo 1 0\r\n\r\n".repeat(10_000));
    const counts = client.session.countsOf(of)!;
    expect([counts.received, counts.dropped]).toEqual([10_000, 9_999]);
    expect(dropped()).toEqual([1]);
    client.pass(999);
    expect(dropped()).toEqual([]);
    client.pass(1);
    expect(dropped()).toEqual([9_998]);
    client.receive("MSG foo 1 0\r\n\r\n".repeat(5));
    client.pass(1000);
    expect(dropped()).toEqual([5]);
    client.session.consumed(of, 1, 0);
    expect([counts.received, counts.dropped, dropped()]).toEqual([10_005, 10_004, []]);
    client.pass(10_000);
    expect(dropped()).toEqual([]);
  });

  it("is reported as dropped at the latest when its subscription ends", () => {
    const client = TestSession.connected();
    const of = client.session.subscribe("foo", { maxMessages: 1 });
    client.receive("MSG foo 1 0\r\n\r\n".repeat(4));
    client.session.unsubscribe(of);
    client.settle();
    expect(client.events.slice(1)).toEqual([
      { event: "dropped", of, messages: 1 },
      { event: "dropped", of, messages: 2 },
      { event: "unsubscribed", of, failure: undefined, counts: { received: 4, dropped: 3 } },
    ]);
  });

  it("pauses the connection if its subscription is full (pause)", () => {
    const client = TestSession.connected();
    const sid = client.session.subscribe("foo", { maxMessages: 1, overflow: "pause" });
    client.receive("MSG foo 1 0\r\n\r\nMSG foo 1 0\r\n\r\n");
    expect(client.take()).toEqual(["pause", "message", "message"]);
    client.session.consumed(sid, 1, 0);
    expect(client.take()).toEqual([]);
    client.session.consumed(sid, 1, 0);
    expect(client.take()).toEqual(["resume"]);
  });

  it("ends its subscription if that is full (close)", () => {
    const client = TestSession.connected();
    client.session.subscribe("foo", { maxBytes: 1, overflow: "close" });
    client.sent();
    client.receive("MSG foo 1 1\r\na\r\nMSG foo 1 1\r\na\r\n");
    expect(client.events).toMatchObject([
      { event: "message" },
      {
        event: "unsubscribed",
        of: 1,
        failure: { reason: "SLOW", detail: 'the subscription to "foo" did not keep up' },
        counts: { received: 2, dropped: 0 },
      },
    ]);
    expect(client.sent()).toBe("UNSUB 1\r\n");
  });

  it("is rejected without output if it cannot be sent", () => {
    const client = TestSession.connected({}, ',"max_payload":3,"headers":false');
    const code = (code: string): unknown => expect.objectContaining({ code });
    const { session } = client;
    expect(() => session.publish("a b", { payload: latin1("") })).toThrow(code("BAD_SUBJECT"));
    expect(() => session.publish("a", { payload: latin1("four") })).toThrow(code("TOO_LARGE"));
    const headers = latin1("");
    expect(() => session.publish("a", { headers, payload: latin1("") })).toThrow(code("BAD_HEADER"));
    const unsupported = 'message for "a": the server does not support headers; remove them';
    expect(() => session.publish("a", { headers, payload: latin1("") })).toThrow(unsupported);
    expect(() => session.subscribe("a..b")).toThrow(code("BAD_SUBJECT"));
    expect(() => session.subscribe("a", { queue: "a b" })).toThrow(code("BAD_QUEUE"));
    const overflow = "dropp" as "pause";
    const wrong = 'overflow must be drop-newest, drop-oldest, pause or close, not "dropp"';
    expect(() => session.subscribe("a", { overflow })).toThrow(wrong);
    for (const name of ["max", "maxMessages", "maxBytes"]) {
      expect(() => session.subscribe("a", { [name]: 0 })).toThrow(code("BAD_NUMBER"));
    }
    expect(client.sent()).toBe("");
    expect(session.stats.published).toBe(0);
  });

  it("is accepted with an infinite maxPending, and with a huge one", () => {
    for (const maxPending of [2 ** 33, Number.POSITIVE_INFINITY]) {
      const { session } = TestSession.connected({ maxPending });
      expect(session.publish("foo", { payload: latin1("x") })).toBe("accepted");
      expect(session.isFull).toBe(false);
    }
  });

  it("is refused if the output is full, and ready follows", () => {
    const client = TestSession.connected({ maxPending: 1000 });
    const { session } = client;
    const payload = latin1("x".repeat(200));
    const outcomes = Array.from({ length: 5 }, () => session.publish("foo", { payload }));
    expect(outcomes).toEqual(["accepted", "accepted", "full", "full", "refused"]);
    expect(session.isFull).toBe(true);
    client.settle();
    expect(client.take()).toEqual(["ready"]);
    expect(session.publish("foo", { payload })).toBe("accepted");
    expect(session.stats.published).toBe(5);
  });

  it("throws if it is larger than maxPending, without a full output", () => {
    for (const client of [TestSession.connected({ maxPending: 1000 }), new TestSession({ maxPending: 1000 })]) {
      const send = (size: number): unknown => client.session.publish("foo", { payload: new Uint8Array(size) });
      expect(() => send(1001)).toThrow(/^message of \d+ bytes for "foo" exceeds maxPending of 1000$/);
      expect(client.session.isFull).toBe(false);
      expect(send(933)).toBe("full");
    }
  });
});

describe("a request", () => {
  it("shares one inbox, and gets its own reply once", () => {
    const client = TestSession.connected();
    const [one, two] = [
      client.session.request("a", { payload: latin1("x") }, { timeout: 100 }, 0),
      client.session.request("b", { payload: latin1("y") }, { timeout: 100 }, 0),
    ];
    expect(client.sent()).toBe(
      `SUB ${INBOX}.* 1\r\nPUB a ${INBOX}.${tokenOf(one)} 1\r\nx\r\nPUB b ${INBOX}.${tokenOf(two)} 1\r\ny\r\n`,
    );
    client.receive(
      `MSG ${INBOX}.${tokenOf(two)} 1 1\r\n2\r\nMSG ${INBOX}.${tokenOf(one)} 1 1\r\n1\r\nMSG ${INBOX}.${tokenOf(one)} 1 1\r\n1\r\n`,
    );
    expect(client.events).toMatchObject([
      { event: "reply", ticket: two, message: { payload: latin1("2") } },
      { event: "reply", ticket: one, message: { payload: latin1("1") } },
    ]);
    expect(client.session.stats.unmatched).toBe(1);
  });

  it("fails after its timeout, or without a subscriber", () => {
    const client = TestSession.connected();
    const slow = client.session.request("a", { payload: latin1("") }, { timeout: 200 }, 0);
    const quick = client.session.request("a", { payload: latin1("") }, { timeout: 100 }, 0);
    const alone = client.session.request("a", { payload: latin1("") }, { timeout: 100 }, 0, "alone");
    client.receive(`HMSG ${INBOX}.${tokenOf(alone)} 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`);
    expect(client.events).toEqual([
      { event: "failed", ticket: alone, caller: "alone", reason: "NO_RESPONDERS", detail: 'no subscriber on "a"' },
    ]);
    client.pass(100);
    expect(client.events.slice(1)).toMatchObject([{ event: "failed", ticket: quick, reason: "TIMEOUT" }]);
    client.pass(100);
    expect(client.events.slice(2)).toMatchObject([{ event: "failed", ticket: slow, reason: "TIMEOUT" }]);
  });

  it("names its subject and its timeout in its failure", () => {
    const failures = (client: TestSession, subject: string): unknown => {
      client.session.request(subject, { payload: latin1("") }, { timeout: 100 }, client.now);
      client.pass(100);
      client.settle();
      return client.events.flatMap((event) => (event.event === "failed" ? [event.reason, event.detail] : []));
    };
    expect(failures(TestSession.connected(), "users.7")).toEqual(["TIMEOUT", 'no reply on "users.7" within 100 ms']);
    expect(failures(new TestSession(), "users.7")).toEqual(["TIMEOUT", "not sent: no connection for 100 ms"]);
    const full = new TestSession({ maxPending: 150 });
    full.session.publish("a", { payload: new Uint8Array(80) });
    expect(failures(full, "users.7")).toEqual(["FULL", "not sent: maxPending is reached"]);
    const refusing = new TestSession({ whileDisconnected: "reject" });
    expect(failures(refusing, "users.7")).toEqual(["LOST", "not sent: no connection"]);
  });

  it("for many replies ends after maxMessages", () => {
    const client = TestSession.connected();
    const ticket = client.session.request("a", { payload: latin1("") }, { timeout: 100, many: { maxMessages: 2 } }, 0);
    const reply = `MSG ${INBOX}.${tokenOf(ticket)} 1 0\r\n\r\n`;
    client.receive(reply + reply + reply);
    expect(client.take()).toEqual(["reply", "reply", "answered"]);
    expect(client.session.stats.unmatched).toBe(1);
    client.pass(1000);
    expect(client.events).toEqual([]);
  });

  it("for many replies ends with the sentinel, a stall or the timeout", () => {
    const client = TestSession.connected();
    const many = (many: object): number =>
      client.session.request("a", { payload: latin1("") }, { timeout: 100, many }, 0);
    const [marked, silence, time] = [many({ sentinel: true }), many({ stall: 30 }), many({})];
    const reply = (ticket: number, text = "x"): void =>
      client.receive(`MSG ${INBOX}.${tokenOf(ticket)} 1 ${text.length}\r\n${text}\r\n`);
    reply(marked);
    reply(marked, "");
    expect(client.take()).toEqual(["reply", "reply", "answered"]);
    // There is time for the first one.
    client.pass(50);
    reply(silence);
    client.pass(20);
    reply(silence);
    client.pass(29);
    expect(client.take()).toEqual(["reply", "reply"]);
    // The silence would last longer than all the time there is.
    client.pass(1);
    expect(client.events).toMatchObject([
      { event: "answered", ticket: silence },
      { event: "answered", ticket: time },
    ]);
  });

  it("for many replies ignores a stall that is longer than the timeout", () => {
    const client = TestSession.connected();
    const ask = (stall: number): number =>
      client.session.request("a", { payload: latin1("") }, { timeout: 100, many: { stall } }, client.now);
    const [longer, equal, shorter] = [ask(200), ask(100), ask(30)];
    client.pass(50);
    client.receive([longer, equal, shorter].map((ticket) => `MSG ${INBOX}.${tokenOf(ticket)} 1 0\r\n\r\n`).join(""));
    client.take();
    client.pass(29);
    expect(client.events).toEqual([]);
    client.pass(1);
    expect(client.events).toEqual([{ event: "answered", ticket: shorter, caller: undefined }]);
    client.pass(19);
    expect(client.events.length).toBe(1);
    client.pass(1);
    expect(client.events.slice(1)).toMatchObject([
      { event: "answered", ticket: longer },
      { event: "answered", ticket: equal },
    ]);
  });

  it("for many replies fails without a subscriber", () => {
    const client = TestSession.connected();
    const ticket = client.session.request("a", { payload: latin1("") }, { timeout: 100, many: {} }, 0);
    client.receive(`HMSG ${INBOX}.${tokenOf(ticket)} 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`);
    client.pass(1000);
    expect(client.events).toMatchObject([{ event: "failed", ticket, reason: "NO_RESPONDERS" }]);
  });

  it("removes its own inbox after the reply, the timeout or cancel", () => {
    const client = TestSession.connected();
    const ask = (reply?: string): number =>
      client.session.request(
        "a",
        { payload: latin1("") },
        { timeout: 100, noMux: reply === undefined, reply },
        client.now,
      );
    const first = ask();
    expect(client.sent()).toBe(
      `SUB ${INBOX}.own.${tokenOf(first)} 1\r\nPUB a ${INBOX}.own.${tokenOf(first)} 0\r\n\r\n`,
    );
    const second = ask("mine");
    expect(client.sent()).toBe("SUB mine 2\r\nPUB a mine 0\r\n\r\n");
    client.receive("MSG mine 2 1\r\n2\r\n");
    expect(client.sent()).toBe("UNSUB 2\r\n");
    client.pass(100);
    expect(client.sent()).toBe("UNSUB 1\r\n");
    expect(client.events).toMatchObject([
      { event: "reply", ticket: second },
      { event: "failed", ticket: first, reason: "TIMEOUT" },
    ]);
    const third = ask();
    client.sent();
    client.session.cancel(third);
    expect(client.sent()).toBe("UNSUB 3\r\n");
    expect(() => client.session.request("a b", { payload: latin1("") }, { timeout: 1, noMux: true }, 0)).toThrow(/a b/);
    expect(client.sent()).toBe(`SUB ${INBOX}.own.${tokenOf(third)} 4\r\nUNSUB 4\r\n`);
  });

  it("fails with its connection; the inbox moves to the next one", () => {
    const client = TestSession.connected();
    const ticket = client.session.request("a", { payload: latin1("") }, { timeout: 100 }, 0);
    client.lost();
    expect(client.events).toMatchObject([{ event: "failed", ticket, reason: "LOST" }, { event: "disconnected" }, {}]);
    client.connect();
    expect(client.sent()).toBe(`SUB ${INBOX}.* 1\r\n`);
  });

  it("throws if it cannot be sent, and no event follows", () => {
    const client = TestSession.connected();
    expect(() => client.session.request("a b", { payload: latin1("") }, { timeout: 100 }, 0)).toThrow(/a b/);
    expect(() => client.session.request("a", { payload: latin1("") }, { timeout: 0 }, 0)).toThrow("timeout");
    client.pass(1000);
    expect(client.events).toEqual([]);
  });
});

describe("a connection", () => {
  it("is not stale because of a flush that waits for its PONG", () => {
    const client = TestSession.connected({ pingInterval: 1000, maxPingOut: 1 });
    client.session.flush(0);
    client.pass(1000);
    expect(client.sent()).toBe("PING\r\nPING\r\n");
    expect(client.events).toEqual([]);
    client.pass(1000);
    expect(client.events[1]).toMatchObject({ event: "disconnected", reason: "STALE" });
  });

  it("is stale after two unanswered PINGs, and replaced", () => {
    const client = TestSession.connected({ pingInterval: 1000, servers: ["nats://a", "nats://b"] });
    client.session.subscribe("foo.*");
    client.sent();
    client.pass(2000);
    expect(client.sent()).toBe("PING\r\nPING\r\n");
    client.pass(1000);
    expect(client.events.map((one) => one.event)).toEqual(["disconnected", "reconnecting"]);
    expect(client.events[0]).toMatchObject({ reason: "STALE" });
    expect(client.actions).toMatchObject([{ do: "close" }, { do: "dial", to: { host: "b" } }]);
    client.connect();
    expect(client.sent()).toBe("SUB foo.* 1\r\n");
    client.receive("MSG foo.bar 1 5\r\nhello\r\n");
    expect(client.events.at(-1)).toMatchObject({ event: "message", message: { subject: "foo.bar" } });
  });

  it("is not stale while PONGs arrive", () => {
    const client = TestSession.connected({ pingInterval: 1000 });
    for (let i = 0; i < 10; i++) {
      client.pass(1000);
      client.receive("PONG\r\nPONG\r\n");
    }
    expect(client.events).toEqual([]);
    client.receive("PING\r\n");
    expect(client.sent()).toMatch(/PING\r\nPONG\r\n$/);
  });

  it("begins with the subscriptions left, then the buffered messages", () => {
    const client = TestSession.connected();
    client.session.subscribe("a", { max: 3 });
    const gone = client.session.subscribe("b");
    client.session.subscribe("c", { queue: "q" });
    client.receive("MSG a 1 0\r\n\r\n");
    client.lost();
    client.session.unsubscribe(gone);
    const later = client.session.subscribe("d");
    client.session.unsubscribe(later, 5);
    const payload = latin1("kept");
    expect(client.session.publish("e", { payload })).toBe("accepted");
    payload.fill(0);
    client.sent();
    expect(client.session.stats.buffered).toBe(1);
    client.connect();
    expect(client.sent()).toBe("SUB a 1\r\nUNSUB 1 2\r\nSUB c q 3\r\nSUB d 4\r\nUNSUB 4 5\r\nPUB e 4\r\nkept\r\n");
    expect(client.session.stats).toMatchObject({ buffered: 0, inFlight: 1, reconnects: 1 });
    client.receive("MSG a 1 0\r\n\r\nMSG a 1 0\r\n\r\n");
    expect(client.events.at(-1)).toMatchObject({ event: "unsubscribed", of: 1 });
  });

  it("gets the messages left of a max, if that is set later too", () => {
    const client = TestSession.connected({ servers: ["nats://a"] });
    const sid = client.session.subscribe("foo");
    client.receive("MSG foo 1 0\r\n\r\nMSG foo 1 0\r\n\r\n");
    client.lost();
    client.connect();
    expect(client.sent()).toBe("SUB foo 1\r\n");
    client.session.unsubscribe(sid, 5);
    expect(client.sent()).toBe("UNSUB 1 3\r\n");
  });

  it("is retried with a growing backoff, until the limit of attempts", () => {
    const client = TestSession.connected({ random: (into) => into.fill(255), maxReconnectAttempts: 5 });
    client.lost();
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      client.lost("refused");
      const last = client.events.findLast((one) => one.event === "reconnecting");
      if (last?.event !== "reconnecting") break;
      waits.push(last.after);
      client.pass(last.after);
    }
    expect(waits.slice(0, 4)).toEqual([249, 499, 999, 1999]);
    const detail = "127.0.0.1:4222: refused; no server left to try";
    expect(client.events.at(-1)).toMatchObject({ event: "closed", reason: "REFUSED", detail });
    expect(client.session.deadline).toBe(undefined);
  });

  it("is retried at once if it was stable", () => {
    const client = TestSession.connected({ random: (into) => into.fill(255) });
    client.lost();
    client.connect();
    client.take();
    client.lost();
    expect(client.take()).not.toContain("dial");
    client.pass(1000);
    client.connect();
    client.pass(5000);
    client.take();
    client.lost();
    expect(client.take()).toContain("dial");
  });

  it("is not retried with reconnect: false", () => {
    const client = TestSession.connected({ reconnect: false });
    client.lost("reset by peer");
    expect(client.events).toMatchObject([
      { event: "disconnected", reason: "LOST" },
      { event: "closed", detail: "127.0.0.1:4222: reset by peer" },
    ]);
  });

  it("is not retried after two rejections of the credentials", () => {
    const client = TestSession.connected({ maxReconnectAttempts: -1 });
    client.lost();
    for (let i = 0; i < 2; i++) {
      client.session.opened(client.now);
      client.receive("INFO {}\r\n");
      client.receive("-ERR 'Authorization Violation'\r\n");
      client.pass(10_000);
    }
    const refused = { reason: "AUTH", detail: "127.0.0.1:4222: Authorization Violation" };
    const again = { event: "reconnecting", ...refused };
    const closed = { event: "closed", reason: "AUTH", detail: `${refused.detail}; no server left to try` };
    expect(client.events.slice(-2)).toMatchObject([again, closed]);
  });

  it("names the server once in its error, or the path of a socket", () => {
    const ended = (server: string, reason: string): unknown => {
      const client = new TestSession({ servers: [server] });
      client.lost(reason);
      return client.events.flatMap((one) => (one.event === "closed" ? [one.detail] : []));
    };
    expect(ended("nats://[::1]:1", "reset")).toEqual(["[::1]:1: reset"]);
    expect(ended("unix:/run/n.sock", "reset")).toEqual(["/run/n.sock: reset"]);
    expect(ended("nats://h:1", "connect ECONNREFUSED h:1")).toEqual(["connect ECONNREFUSED h:1"]);
  });

  it("survives permission errors and unknown ones", () => {
    const client = TestSession.connected();
    client.receive("-ERR 'Permissions Violation for Publish to \"foo\"'\r\n-ERR 'Something New'\r\n+OK\r\n");
    expect(client.events).toMatchObject([
      { event: "error", reason: "PERMISSION", detail: 'the server denies publishing to "foo"' },
      { event: "error", reason: "PROTOCOL", detail: "Something New" },
    ]);
  });

  it("reports discovered servers, and moves to one when lost", () => {
    const client = TestSession.connected();
    client.receive('INFO {"connect_urls":["10.0.0.1:4222","nonsense","user@evil:4222","127.0.0.1:4222"]}\r\n');
    expect(client.events).toEqual([{ event: "update", servers: { added: ["10.0.0.1:4222"], deleted: [] } }]);
    client.receive('INFO {"connect_urls":["10.0.0.2:4222"],"ldm":true}\r\n');
    expect(client.events.slice(1)).toEqual([
      { event: "update", servers: { added: ["10.0.0.2:4222"], deleted: ["10.0.0.1:4222"] } },
      { event: "lame-duck" },
    ]);
    client.lost();
    expect(client.actions).toMatchObject([{ do: "dial", to: { host: "10.0.0.2" } }]);
  });
});

describe("a failure", () => {
  it("has its outputs in order: close, operations, disconnected, next", () => {
    const client = TestSession.connected({ servers: ["nats://a", "nats://b"] });
    const { session } = client;
    session.subscribe("a", { maxMessages: 1, overflow: "pause" });
    const drained = session.subscribe("b");
    client.receive("MSG a 1 0\r\n\r\n");
    session.publish("a", { payload: latin1("") });
    const flush = session.flush(0);
    const drain = session.drain(0, drained);
    const request = session.request("c", { payload: latin1("") }, { timeout: 100 }, 0);
    client.take();
    session.received(latin1("OOPS\r\n"), 0);
    const outputs: object[] = [];
    for (const output of outputsOf(session)) {
      const { unknown, inFlight } = session.stats;
      outputs.push({ ...output, unknown, inFlight });
    }
    // The counts are right in each of them. There is no `resume`, though reading was paused.
    const counts = { unknown: 2, inFlight: 0 };
    expect(outputs).toMatchObject(
      [
        { do: "close", flushed: false },
        { event: "failed", ticket: flush, reason: "LOST" },
        { event: "unsubscribed", of: drained, failure: undefined },
        { event: "failed", ticket: drain, reason: "LOST" },
        { event: "failed", ticket: request, reason: "LOST" },
        { event: "disconnected", reason: "PROTOCOL" },
        { event: "reconnecting", after: 0 },
        { event: "connecting", attempt: 1, failure: { reason: "PROTOCOL" } },
        { do: "dial", to: { host: "b" } },
      ].map((output) => ({ ...output, ...counts })),
    );
    expect(outputs.length).toBe(9);
    // The next connection has nothing of it.
    client.connect();
    expect(client.sent()).toMatch(/^SUB a 1\r\nSUB _INBOX\S+ 3\r\n$/);
  });
});

describe("the byte counts", () => {
  it("include the bytes of all connections", () => {
    const client = new TestSession();
    expect(client.session.stats).toMatchObject({ bytesSent: 0, bytesReceived: 0 });
    const first = client.connect().length;
    const read = client.read;
    expect(client.session.stats).toMatchObject({ bytesSent: first, bytesReceived: read });
    client.lost();
    const second = client.connect().length;
    client.session.publish("a", { payload: latin1("12345") });
    // Bytes count when they are transmitted.
    expect(client.session.stats).toMatchObject({ bytesSent: first + second, bytesReceived: 2 * read });
    expect(client.sent()).toBe("PUB a 5\r\n12345\r\n");
    expect(client.session.stats.bytesSent).toBe(first + second + 16);
  });
});

describe("a verbose server", () => {
  it("confirms each message, and is asked about none twice", () => {
    const client = new TestSession({ verbose: true });
    client.session.opened(0);
    client.receive("INFO {}\r\n+OK\r\nPONG\r\n");
    client.session.subscribe("a");
    client.session.publish("b", { payload: latin1("") });
    client.session.unsubscribe(1, 5);
    client.session.publish("c", { payload: latin1("") });
    const refused = "-ERR 'Permissions Violation for Publish to \"b\"'\r\n";
    client.receive(`+OK\r\n${refused}+OK\r\n`);
    expect(client.events.at(-1)).toMatchObject({ event: "error", reason: "PERMISSION", about: "PUB b" });
    expect(client.session.stats).toMatchObject({ confirmed: 1, inFlight: 1 });
    client.receive("+OK\r\n+OK\r\n-ERR 'Something New'\r\n");
    expect(client.events.at(-1)).toMatchObject({ event: "error", about: undefined });
    expect(client.session.stats).toMatchObject({ confirmed: 2, inFlight: 0 });
  });

  it("confirms nothing twice if it is late", () => {
    const client = TestSession.connected({ verbose: true });
    client.session.publish("b", { payload: latin1("") });
    client.session.flush(0);
    client.receive("PONG\r\n+OK\r\n+OK\r\n");
    expect(client.session.stats).toMatchObject({ published: 1, confirmed: 1, inFlight: 0 });
  });
});

describe("the next server", () => {
  const servers = ["nats://a", "nats://b", "nats://c"];
  const dialled = (client: TestSession): string[] =>
    client.actions.flatMap((one) => (one.do === "dial" ? [one.to.host] : []));

  it("is chosen by selectServer among all candidates", () => {
    const seen: unknown[] = [];
    const client = new TestSession({ servers, selectServer: (choices) => seen.push(choices) && choices.length - 1 });
    client.lost();
    expect(dialled(client)).toEqual(["c", "c"]);
    expect(seen[1]).toEqual([
      { server: "a:4222", isDiscovered: false, attempts: 0 },
      { server: "b:4222", isDiscovered: false, attempts: 0 },
      { server: "c:4222", isDiscovered: false, attempts: 1 },
    ]);
  });

  it("is the first candidate if selectServer returns nonsense or throws", () => {
    for (const choice of [undefined, -2, 3, 0.5, Number.NaN]) {
      expect(dialled(new TestSession({ servers, selectServer: () => choice }))).toEqual(["a"]);
    }
    const throws = (): never => {
      throw new Error("mine");
    };
    const client = new TestSession({ servers, selectServer: throws, reconnectDelay: throws });
    client.lost();
    expect(client.events.map((one) => "detail" in one && one.detail)).toEqual([
      "selectServer threw: Error: mine",
      "reconnectDelay threw: Error: mine",
      "a:4222: reset",
      "selectServer threw: Error: mine",
    ]);
  });
});

describe("Session.close and drain", () => {
  it("closes after what was published, once", () => {
    const client = TestSession.connected();
    const sid = client.session.subscribe("foo");
    const ticket = client.session.request("a", { payload: latin1("") }, { timeout: 100 }, 0);
    const flush = client.session.flush(0);
    client.session.close(0);
    client.session.close(0);
    client.settle();
    expect(client.actions).toEqual([{ do: "close", flushed: true }]);
    expect(client.sent()).toMatch(/^SUB foo 1\r\n.*PUB a .*PING\r\n$/s);
    expect(client.events).toMatchObject([
      { event: "failed", ticket, reason: "CLOSED" },
      { event: "failed", ticket: flush, reason: "CLOSED" },
      { event: "unsubscribed", of: sid, failure: { reason: "CLOSED" } },
      { event: "closed", reason: "CLOSED" },
    ]);
    expect(() => client.session.publish("a", { payload: latin1("") })).toThrow("closed");
    client.receive("MSG foo 1 0\r\n\r\n");
    client.lost();
    client.pass(100_000);
    expect(client.events.length).toBe(4);
  });

  it("drains what is in flight before the subscription ends", () => {
    const client = TestSession.connected();
    const sid = client.session.subscribe("foo");
    client.sent();
    client.session.drain(0);
    expect(client.sent()).toBe("UNSUB 1\r\nPING\r\n");
    client.receive("MSG foo 1 0\r\n\r\nPONG\r\n");
    expect(client.events).toMatchObject([
      { event: "message", to: sid },
      { event: "unsubscribed", of: sid },
      { event: "drained" },
    ]);
  });

  it("drains one subscription, and requests go on", () => {
    const client = TestSession.connected();
    const [one, other] = [client.session.subscribe("foo"), client.session.subscribe("bar")];
    const asked = client.session.request("a", { payload: latin1("") }, { timeout: 100 }, 0);
    client.sent();
    const ticket = client.session.drain(0, one);
    expect(client.sent()).toBe("UNSUB 1\r\nPING\r\n");
    client.receive("MSG foo 1 0\r\n\r\nPONG\r\nMSG foo 1 0\r\n\r\nMSG bar 2 0\r\n\r\n");
    expect(client.events).toMatchObject([
      { event: "message", to: one },
      { event: "unsubscribed", of: one },
      { event: "drained", ticket },
      { event: "message", to: other },
    ]);
    client.session.drain(0);
    expect(client.sent()).toBe("UNSUB 2\r\nPING\r\n");
    client.receive(`PONG\r\nMSG ${INBOX}.${tokenOf(asked)} 3 0\r\n\r\n`);
    expect(client.take().slice(-3)).toEqual(["unsubscribed", "drained", "reply"]);
  });

  it("ends a draining subscription with its connection", () => {
    const client = TestSession.connected();
    const of = client.session.subscribe("foo");
    const ticket = client.session.drain(0, of);
    client.sent();
    client.lost();
    expect(client.events.slice(0, 2)).toMatchObject([
      { event: "unsubscribed", of, failure: undefined },
      { event: "failed", ticket, reason: "LOST" },
    ]);
    client.connect();
    expect(client.sent()).toBe("");
    client.session.drain(0, of);
    client.receive("PONG\r\n");
    expect(client.take().at(-1)).toBe("drained");
  });

  it("does not drain subscriptions that begin later", () => {
    const client = TestSession.connected();
    client.session.subscribe("foo");
    client.session.drain(0);
    const later = client.session.subscribe("bar");
    client.receive("PONG\r\nMSG bar 2 0\r\n\r\n");
    expect(client.events).toMatchObject([
      { event: "unsubscribed", of: 1 },
      { event: "drained" },
      { event: "message", to: later },
    ]);
  });

  it("does not take a server for stale while reading is paused", () => {
    const client = TestSession.connected({ pingInterval: 1000, maxPingOut: 1 });
    client.pass(1000);
    expect(client.sent()).toBe("PING\r\n");
    const sid = client.session.subscribe("foo", { maxMessages: 1, overflow: "pause" });
    client.receive("MSG foo 1 0\r\n\r\n");
    expect(client.take()).toContain("pause");
    client.pass(4500);
    client.session.consumed(sid, 1, 0);
    expect(client.take()).toEqual(["resume"]);
    // It is given a whole interval for what it said meanwhile.
    client.pass(1499);
    expect(client.take()).toEqual([]);
    client.pass(1);
    expect(client.events[0]).toMatchObject({ event: "disconnected", reason: "STALE" });
  });

  it("emits no resume for a paused connection that is closed", () => {
    const client = TestSession.connected();
    client.session.subscribe("foo", { maxMessages: 1, overflow: "pause" });
    client.receive("MSG foo 1 0\r\n\r\n");
    client.session.close(0);
    expect(client.take()).toEqual(["pause", "close", "message", "unsubscribed", "closed"]);
  });

  it("counts buffered messages as dropped", () => {
    const client = new TestSession();
    client.session.publish("foo", { payload: latin1("") });
    client.session.close(0);
    expect(client.session.stats).toMatchObject({ published: 1, dropped: 1, buffered: 0 });
  });
});

describe("a session without a connection", () => {
  it("buffers, refuses or drops messages, as whileDisconnected says", () => {
    const publish = (config: object): unknown =>
      new TestSession(config).session.publish("foo", { payload: latin1("xx") });
    expect(publish({ whileDisconnected: "reject" })).toBe("refused");
    expect(publish({ whileDisconnected: "drop" })).toBe("dropped");
    expect(publish({ maxPending: 72 })).toBe("full");
    const full = new TestSession({ maxPending: 72 }).session;
    expect(["", "x"].map((text) => full.publish("foo", { payload: latin1(text) }))).toEqual(["full", "refused"]);
    expect(() => new TestSession().session.publish("a b", { payload: latin1("") })).toThrow(/a b/);
  });

  it("drops buffered messages that the next server does not accept", () => {
    const client = new TestSession();
    const payload = latin1("four");
    client.session.publish("a", { payload });
    client.session.publish("b", { payload: latin1("") });
    client.session.publish("c", { headers: latin1("NATS/1.0\r\n\r\n"), payload: latin1("") });
    client.connect(',"max_payload":3,"headers":false');
    expect(client.sent()).toBe("PUB b 0\r\n\r\n");
    expect(client.events).toMatchObject([{ event: "connected" }, { event: "error", reason: "REFUSED" }]);
    expect(client.session.stats).toMatchObject({ published: 3, inFlight: 1, dropped: 2, buffered: 0 });
  });

  it("fails buffered requests that the next server does not accept", () => {
    const client = new TestSession();
    const ask = (options: object = {}): number =>
      client.session.request("a", { payload: latin1("four") }, { timeout: 100, ...options }, 0);
    const tickets = [ask(), ask({ noMux: true }), ask({ noMux: true, reply: "mine" }), ask({ many: {} })];
    const small = client.session.request("a", { payload: latin1("1") }, { timeout: 100 }, 0);
    client.connect(',"max_payload":3');
    expect(client.events).toMatchObject([
      { event: "connected" },
      ...tickets.map((ticket) => ({
        event: "failed",
        ticket,
        reason: "REFUSED",
        detail: `not sent: payload of 4 bytes for "a" exceeds the server's max_payload of 3`,
      })),
    ]);
    expect(client.sent()).toMatch(
      /^SUB .*\.\* 1\r\nSUB .* 2\r\nSUB mine 3\r\nPUB a .* 1\r\n1\r\nUNSUB 2\r\nUNSUB 3\r\n$/s,
    );
    client.pass(1000);
    expect(client.events.slice(5)).toMatchObject([{ event: "failed", ticket: small, reason: "TIMEOUT" }]);
    expect(client.session.stats).toMatchObject({ published: 5, inFlight: 1, dropped: 4 });
  });

  it("fails requests that cannot be buffered", () => {
    const client = new TestSession({ whileDisconnected: "reject" });
    const ticket = client.session.request("a", { payload: latin1("") }, { timeout: 100 }, 0);
    client.settle();
    expect(client.events).toMatchObject([{ event: "failed", ticket, reason: "LOST" }]);
  });

  it("has a flush wait for the next connection, after what was buffered", () => {
    const client = new TestSession({ servers: ["nats://a", "nats://b"] });
    client.session.publish("foo", { payload: latin1("x") });
    const ticket = client.session.flush(0);
    client.lost();
    client.take();
    client.connect();
    expect(client.sent()).toBe("PUB foo 1\r\nx\r\nPING\r\n");
    client.receive("PONG\r\n");
    expect(client.events.at(-1)).toMatchObject({ event: "flushed", ticket });
    expect(client.session.stats.confirmed).toBe(1);
  });

  it("fails a flush that waits for a connection if it is closed", () => {
    const client = new TestSession();
    const ticket = client.session.flush(0);
    client.session.close(0);
    client.settle();
    expect(client.events[0]).toMatchObject({ event: "failed", ticket, reason: "CLOSED" });
  });

  it("tries each server once, or forever with waitOnFirstConnect", () => {
    const servers = ["nats://a", "nats://b"];
    const once = new TestSession({ servers, random: (into) => into.fill(0) });
    once.lost("refused");
    once.lost("refused");
    expect(once.take()).toEqual(["dial", "dial", "reconnecting", "closed"]);
    const patient = new TestSession({ servers, waitOnFirstConnect: true, maxReconnectAttempts: -1 });
    for (let i = 0; i < 20; i++) patient.lost("refused");
    expect(patient.take().filter((one) => one === "dial").length).toBe(21);
  });
});
