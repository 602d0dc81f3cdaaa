// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { latin1 as bytes } from "../../../tools/testkit/latin1.ts";
import { segmentsOf } from "../../../tools/testkit/machine.ts";
import { SessionHarness } from "./session-harness.ts";

describe("a configuration", () => {
  it.each([
    [{ timeout: 0 }, "BAD_NUMBER"],
    [{ pingInterval: Number.NaN }, "BAD_NUMBER"],
    [{ maxPending: -1 }, "BAD_NUMBER"],
    [{ timeout: "5" as unknown as number }, "BAD_NUMBER"],
    [{ maxReconnectAttempts: 0 }, "BAD_NUMBER"],
    [{ maxReconnectAttempts: -2 }, "BAD_NUMBER"],
    [{ maxControlLine: 0 }, "BAD_NUMBER"],
    [{ name: 5 as unknown as string }, "BAD_FIELD"],
    [{ whileDisconnected: "rejct" as "reject" }, "BAD_FIELD"],
    [{ tls: "always" as "require" }, "BAD_FIELD"],
    [{ inboxPrefix: "a b" }, "BAD_SUBJECT"],
    [{ inboxPrefix: "a.*" }, "BAD_SUBJECT"],
    [{ servers: [] }, "BAD_FIELD"],
    [{ servers: ["http://x"] }, "BAD_FIELD"],
  ])("%j makes no sense", (config, code) => {
    expect(() => new SessionHarness(config)).toThrow(expect.objectContaining({ code }));
  });

  it("names the version that is released", () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(new SessionHarness().connect()).toContain(`"lang":"natswire","version":"${version}"`);
  });
});

describe("the handshake", () => {
  it("waits for INFO, says CONNECT and PING at once, and is connected by the PONG", () => {
    const talk = new SessionHarness({ name: "ann", version: "1.2.3" });
    expect(talk.actions).toEqual([
      {
        do: "dial",
        to: { scheme: "tcp", host: "127.0.0.1", port: 4222, path: undefined, serverName: "127.0.0.1" },
        timeout: 20_000,
      },
    ]);
    talk.session.opened(0);
    expect(talk.sent()).toBe("");
    const said = talk.connect();
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
    expect(talk.events).toMatchObject([{ event: "connected", again: false, info: { server_id: "S" } }]);
  });

  it("does without headers where the server does", () => {
    const talk = new SessionHarness();
    expect(talk.connect(',"headers":false')).toContain('"headers":false,"no_responders":false');
  });

  it("takes credentials from the URL, on this machine in plain text", () => {
    expect(new SessionHarness({ servers: ["nats://ann:s%40c@localhost"] }).connect()).toContain(
      '"user":"ann","pass":"s@c"',
    );
    expect(new SessionHarness({ servers: ["t0ken@127.0.0.1:4222"] }).connect()).toContain('"auth_token":"t0ken"');
  });

  it("asks its runtime for credentials, with the nonce", () => {
    const talk = new SessionHarness({ hasCredentials: true });
    talk.session.opened(0);
    talk.receive('INFO {"nonce":"6x4K8-DGTEWZa24"}\r\n');
    expect(talk.actions.at(-1)).toMatchObject({ do: "sign", nonce: "6x4K8-DGTEWZa24" });
    expect(talk.sent()).toBe("");
    talk.session.signed({ nkey: "U", sig: "S" }, 0);
    expect(talk.sent()).toContain('"nkey":"U","sig":"S"');
  });

  it.each(["short", "x".repeat(129), "two words in it", "line\\nfeed-in-it"])("signs no %j", (nonce) => {
    const talk = new SessionHarness({ hasCredentials: true });
    talk.session.opened(0);
    talk.receive(`INFO {"nonce":"${nonce}"}\r\n`);
    expect(talk.take()).toContain("closed");
    expect(talk.sent()).toBe("");
  });

  it("ends where the server breaks the protocol, and says so once", () => {
    const talk = new SessionHarness();
    talk.session.opened(0);
    talk.receive("HTTP/1.1 400 Bad Request\r\n");
    expect(talk.events).toMatchObject([{ event: "closed", reason: "PROTOCOL" }]);
    expect(talk.actions.at(-1)).toEqual({ do: "close", flushed: false });
  });

  it("ends where the server lets it wait too long, at any stage", () => {
    for (const steps of [0, 1, 2]) {
      const talk = new SessionHarness({ timeout: 300 });
      if (steps > 0) talk.session.opened(0);
      if (steps > 1) talk.receive("INFO {}\r\n");
      talk.advance(299);
      expect(talk.events).toEqual([]);
      talk.advance(1);
      expect(talk.events).toMatchObject([{ event: "closed", reason: "TIMEOUT" }]);
    }
  });

  it("ends where it is not let in", () => {
    const talk = new SessionHarness();
    talk.session.opened(0);
    talk.receive("INFO {}\r\n");
    talk.receive("-ERR 'Authorization Violation'\r\n");
    expect(talk.events).toMatchObject([
      { event: "closed", reason: "AUTH", detail: "127.0.0.1:4222: Authorization Violation" },
    ]);
  });
});

describe("TLS", () => {
  const secret = { servers: ["nats://ann:s3cret@example.org"] };

  it("is gone on in behind INFO where the server requires it, with a reader that knows nothing of before", () => {
    const talk = new SessionHarness();
    talk.session.opened(0);
    talk.receive('INFO {"tls_required":true}\r\n');
    expect(talk.actions.at(-1)).toEqual({ do: "start-tls", serverName: "127.0.0.1" });
    expect(talk.sent()).toBe("");
    talk.session.secured(0);
    expect(talk.sent()).toContain('"tls_required":true');
  });

  it("does not begin behind anything but INFO", () => {
    const talk = new SessionHarness();
    talk.session.opened(0);
    talk.receive('INFO {"tls_required":true}\r\nPI');
    expect(talk.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
  });

  it("is not waited for where the server goes on in plain text", () => {
    const talk = new SessionHarness();
    talk.session.opened(0);
    talk.receive('INFO {"tls_available":true}\r\n');
    // No bytes are nothing that is said.
    talk.receive("");
    expect(talk.take()).toEqual(["dial", "start-tls"]);
    talk.receive("PING\r\n");
    expect(talk.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
  });

  it("is a must where there are credentials for another machine, unless that is allowed", () => {
    const talk = new SessionHarness(secret);
    talk.session.opened(0);
    talk.receive("INFO {}\r\n");
    expect(talk.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
    expect(talk.sent()).toBe("");
    expect(new SessionHarness({ ...secret, allowPlaintextCredentials: true }).connect()).toContain("s3cret");
    const never = new SessionHarness({ ...secret, tls: "never" });
    never.session.opened(0);
    never.receive("INFO {}\r\n");
    expect(never.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
  });

  it("is a must where the URL says so, and is refused where it must not be", () => {
    const must = new SessionHarness({ servers: ["tls://127.0.0.1"] });
    must.session.opened(0);
    must.receive("INFO {}\r\n");
    expect(must.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
    const mustNot = new SessionHarness({ tls: "never" });
    mustNot.session.opened(0);
    mustNot.receive('INFO {"tls_required":true}\r\n');
    expect(mustNot.events).toMatchObject([{ event: "closed", reason: "TLS" }]);
  });

  it("once there is never left again", () => {
    const talk = new SessionHarness();
    talk.session.opened(0);
    talk.receive('INFO {"tls_available":true}\r\n');
    talk.session.secured(0);
    talk.receive("PONG\r\n");
    talk.lost();
    talk.session.opened(0);
    talk.receive("INFO {}\r\n");
    expect(talk.events.at(-2)).toMatchObject({ event: "reconnecting" });
    expect(talk.sent()).not.toContain('CONNECT {"verbose":false,"pedantic":false,"tls_required":false');
  });

  it("comes first where that is asked for", () => {
    const talk = new SessionHarness({ handshakeFirst: true });
    expect(talk.actions).toMatchObject([{ do: "dial", to: { scheme: "tls-first" } }]);
    expect(talk.connect()).toContain('"tls_required":true');
  });
});

describe("messages", () => {
  it("are said as they were published where they are to be copied, and as they are by then where they are lent", () => {
    const talk = SessionHarness.connected();
    const payload = new Uint8Array(9000).fill(0x61);
    talk.session.publish("a", { payload, isCopied: true });
    talk.session.publish("b", { payload });
    payload.fill(0x62);
    expect(talk.sent()).toBe(`PUB a 9000\r\n${"a".repeat(9000)}\r\nPUB b 9000\r\n${"b".repeat(9000)}\r\n`);
  });

  it("that are copied stay until they are released, whatever is published and released meanwhile", () => {
    const { session } = SessionHarness.connected();
    const payload = new Uint8Array(9000);
    const inFlight: { readonly parts: Uint8Array[]; readonly byte: number }[] = [];
    for (let byte = 1; byte <= 200; byte++) {
      session.publish("a", { payload: payload.fill(byte), isCopied: true });
      const parts = [...segmentsOf(() => session.transmit())];
      inFlight.push({ parts, byte });
      for (const one of inFlight) {
        const copy = one.parts.find(({ length }) => length === 9000)!;
        expect(copy.every((each) => each === one.byte)).toBe(true);
      }
      if (inFlight.length > 5) for (const { length } of inFlight.shift()!.parts) session.released(length);
    }
  });

  it("are published as they are, and counted by what is known of them", () => {
    const talk = SessionHarness.connected();
    talk.session.publish("foo", { payload: bytes("hi") });
    talk.session.publish("foo", { reply: "back", headers: bytes("NATS/1.0\r\n\r\n"), payload: bytes("") });
    expect(talk.sent()).toBe("PUB foo 2\r\nhi\r\nHPUB foo back 12 12\r\nNATS/1.0\r\n\r\n\r\n");
    expect(talk.session.stats).toMatchObject({ published: 2, inFlight: 2, confirmed: 0 });
    const ticket = talk.session.flush(0);
    talk.session.publish("foo", { payload: bytes("") });
    talk.receive("PONG\r\n");
    expect(talk.events).toEqual([{ event: "flushed", ticket }]);
    expect(talk.session.stats).toMatchObject({ published: 3, inFlight: 1, confirmed: 2 });
    talk.lost();
    expect(talk.session.stats).toMatchObject({ published: 3, inFlight: 0, confirmed: 2, unknown: 1 });
  });

  it("arrive at their subscription, which ends when it has had enough", () => {
    const talk = SessionHarness.connected();
    const sid = talk.session.subscribe("foo.*", { queue: "q", max: 2 });
    expect(talk.sent()).toBe("SUB foo.* q 1\r\nUNSUB 1 2\r\n");
    talk.receive("MSG foo.a 1 1\r\na\r\nMSG foo.b 1 back 1\r\nb\r\nMSG foo.c 1 1\r\nc\r\nMSG foo.c 9 1\r\nc\r\n");
    expect(talk.events).toMatchObject([
      { event: "message", to: sid, message: { subject: "foo.a", payload: bytes("a") } },
      { event: "message", to: sid, message: { subject: "foo.b", reply: "back" } },
      { event: "unsubscribed", of: sid, reason: undefined },
    ]);
    expect(talk.session.stats).toMatchObject({ received: 2, unmatched: 2 });
  });

  it("are heard one by one: a subscription that ends itself in its first is told no second", () => {
    const talk = SessionHarness.connected();
    const { session } = talk;
    const sid = session.subscribe("foo");
    session.received(bytes(`MSG foo ${sid} 1\r\n1\r\nMSG foo ${sid} 1\r\n2\r\n`), 0);
    expect(session.poll()).toMatchObject({ event: "message", message: { payload: bytes("1") } });
    session.unsubscribe(sid);
    expect(talk.take()).toEqual(["unsubscribed"]);
    expect(session.stats).toMatchObject({ received: 1, unmatched: 1 });
  });

  it("that came before a connection was lost are told before it", () => {
    const talk = SessionHarness.connected();
    const { session } = talk;
    const sid = session.subscribe("foo", { max: 2 });
    session.received(bytes(`MSG foo ${sid} 1\r\n1\r\nPING\r\nMSG foo ${sid} 1\r\n2\r\n`), 0);
    session.lost("reset", 0);
    expect(talk.take()).toEqual(["dial", "message", "message", "unsubscribed", "disconnected", "reconnecting"]);
  });

  it("that are more than a subscription may have waiting are dropped and counted", () => {
    const talk = SessionHarness.connected();
    const sid = talk.session.subscribe("foo", { maxMessages: 2 });
    const one = "MSG foo 1 1\r\na\r\n";
    talk.receive(one.repeat(5));
    expect(talk.events.map((one) => one.event)).toEqual(["message", "message", "dropped"]);
    talk.session.consumed(sid, 1, 1);
    talk.receive(one);
    expect(talk.events.slice(3)).toMatchObject([{ event: "dropped", of: sid, messages: 2 }, { event: "message" }]);
  });

  it("of which too many wait make the oldest be forgotten, where that is wished", () => {
    const talk = SessionHarness.connected();
    const of = talk.session.subscribe("foo", { maxBytes: 5, overflow: "drop-oldest" });
    const message = (size: number): string => `MSG foo 1 ${size}\r\n${"x".repeat(size)}\r\n`;
    talk.receive(message(2) + message(2) + message(2) + message(9) + message(1));
    expect(talk.events.slice(3)).toMatchObject([
      { event: "forget", of, messages: 1 },
      { event: "dropped", of, messages: 1 },
      { event: "message", message: { payload: { length: 9 } } },
      { event: "forget", of, messages: 3 },
      { event: "message", message: { payload: { length: 1 } } },
    ]);
    talk.session.consumed(of, 1, 1);
    expect(talk.take().at(-1)).toBe("dropped");
  });

  it("that were dropped are told of at the end, where the subscription never caught up", () => {
    const talk = SessionHarness.connected();
    const of = talk.session.subscribe("foo", { maxMessages: 1 });
    talk.receive("MSG foo 1 0\r\n\r\n".repeat(4));
    talk.session.unsubscribe(of);
    talk.settle();
    expect(talk.events.slice(1)).toEqual([
      { event: "dropped", of, messages: 1 },
      { event: "dropped", of, messages: 2 },
      { event: "unsubscribed", of, reason: undefined },
    ]);
  });

  it("that are more than a subscription may have waiting can pause the connection", () => {
    const talk = SessionHarness.connected();
    const sid = talk.session.subscribe("foo", { maxMessages: 1, overflow: "pause" });
    talk.receive("MSG foo 1 0\r\n\r\nMSG foo 1 0\r\n\r\n");
    expect(talk.take()).toEqual(["pause", "message", "message"]);
    talk.session.consumed(sid, 1, 0);
    expect(talk.take()).toEqual([]);
    talk.session.consumed(sid, 1, 0);
    expect(talk.take()).toEqual(["resume"]);
  });

  it("that are more than a subscription may have waiting can end it", () => {
    const talk = SessionHarness.connected();
    talk.session.subscribe("foo", { maxBytes: 1, overflow: "close" });
    talk.sent();
    talk.receive("MSG foo 1 1\r\na\r\nMSG foo 1 1\r\na\r\n");
    expect(talk.events).toMatchObject([{ event: "message" }, { event: "unsubscribed", of: 1, reason: "SLOW" }]);
    expect(talk.sent()).toBe("UNSUB 1\r\n");
  });

  it("are refused where they could not be sent, and nothing is sent", () => {
    const talk = SessionHarness.connected({}, ',"max_payload":3,"headers":false');
    const code = (code: string): unknown => expect.objectContaining({ code });
    const { session } = talk;
    expect(() => session.publish("a b", { payload: bytes("") })).toThrow(code("BAD_SUBJECT"));
    expect(() => session.publish("a", { payload: bytes("four") })).toThrow(code("TOO_LARGE"));
    expect(() => session.publish("a", { headers: bytes(""), payload: bytes("") })).toThrow(code("BAD_HEADER"));
    expect(() => session.subscribe("a..b")).toThrow(code("BAD_SUBJECT"));
    expect(() => session.subscribe("a", { queue: "a b" })).toThrow(code("BAD_QUEUE"));
    const overflow = "dropp" as "pause";
    const wrong = 'overflow must be drop-newest, drop-oldest, pause or close, not "dropp"';
    expect(() => session.subscribe("a", { overflow })).toThrow(wrong);
    for (const name of ["max", "maxMessages", "maxBytes"]) {
      expect(() => session.subscribe("a", { [name]: 0 })).toThrow(code("BAD_NUMBER"));
    }
    expect(talk.sent()).toBe("");
    expect(session.stats.published).toBe(0);
  });

  it("may wait without a limit, or with one that is no small number", () => {
    for (const maxPending of [2 ** 33, Number.POSITIVE_INFINITY]) {
      const { session } = SessionHarness.connected({ maxPending });
      expect(session.publish("foo", { payload: bytes("x") })).toBe("accepted");
      expect(session.isFull).toBe(false);
    }
  });

  it("are refused where too many wait, and it is told when there is room", () => {
    const talk = SessionHarness.connected({ maxPending: 1000 });
    const { session } = talk;
    const payload = bytes("x".repeat(200));
    const outcomes = Array.from({ length: 5 }, () => session.publish("foo", { payload }));
    expect(outcomes).toEqual(["accepted", "accepted", "full", "full", "refused"]);
    expect(session.isFull).toBe(true);
    talk.settle();
    expect(talk.take()).toEqual(["ready"]);
    expect(session.publish("foo", { payload })).toBe("accepted");
    expect(session.stats.published).toBe(5);
  });

  it("larger than all that may wait are an error, and nobody is told to wait", () => {
    for (const talk of [SessionHarness.connected({ maxPending: 1000 }), new SessionHarness({ maxPending: 1000 })]) {
      const send = (size: number): unknown => talk.session.publish("foo", { payload: new Uint8Array(size) });
      expect(() => send(1001)).toThrow(/^\d+ bytes are more than maxPending, 1000$/);
      expect(talk.session.isFull).toBe(false);
      expect(send(933)).toBe("full");
    }
  });
});

const inbox = `_INBOX.${"0".repeat(16)}`;

describe("requests", () => {
  it("share one inbox, and each gets its own reply once", () => {
    const talk = SessionHarness.connected();
    const [one, two] = [
      talk.session.request("a", { payload: bytes("x") }, { timeout: 100 }, 0),
      talk.session.request("b", { payload: bytes("y") }, { timeout: 100 }, 0),
    ];
    expect(talk.sent()).toBe(`SUB ${inbox}.* 1\r\nPUB a ${inbox}.${one} 1\r\nx\r\nPUB b ${inbox}.${two} 1\r\ny\r\n`);
    talk.receive(`MSG ${inbox}.${two} 1 1\r\n2\r\nMSG ${inbox}.${one} 1 1\r\n1\r\nMSG ${inbox}.${one} 1 1\r\n1\r\n`);
    expect(talk.events).toMatchObject([
      { event: "reply", ticket: two, message: { payload: bytes("2") } },
      { event: "reply", ticket: one, message: { payload: bytes("1") } },
    ]);
    expect(talk.session.stats.unmatched).toBe(1);
  });

  it("fail where nobody answers in time, each at its own, or nobody listens", () => {
    const talk = SessionHarness.connected();
    const slow = talk.session.request("a", { payload: bytes("") }, { timeout: 200 }, 0);
    const quick = talk.session.request("a", { payload: bytes("") }, { timeout: 100 }, 0);
    const alone = talk.session.request("a", { payload: bytes("") }, { timeout: 100 }, 0);
    talk.receive(`HMSG ${inbox}.${alone} 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`);
    expect(talk.events).toMatchObject([{ event: "failed", ticket: alone, reason: "NO_RESPONDERS" }]);
    talk.advance(100);
    expect(talk.events.slice(1)).toMatchObject([{ event: "failed", ticket: quick, reason: "TIMEOUT" }]);
    talk.advance(100);
    expect(talk.events.slice(2)).toMatchObject([{ event: "failed", ticket: slow, reason: "TIMEOUT" }]);
  });

  it("for many replies get them all, until they have as many as they want", () => {
    const talk = SessionHarness.connected();
    const ticket = talk.session.request("a", { payload: bytes("") }, { timeout: 100, many: { maxMessages: 2 } }, 0);
    const reply = `MSG ${inbox}.${ticket} 1 0\r\n\r\n`;
    talk.receive(reply + reply + reply);
    expect(talk.take()).toEqual(["reply", "reply", "answered"]);
    expect(talk.session.stats.unmatched).toBe(1);
    talk.advance(1000);
    expect(talk.events).toEqual([]);
  });

  it("for many replies end with an empty one, a silence, or their time, as they wish", () => {
    const talk = SessionHarness.connected();
    const many = (many: object): number => talk.session.request("a", { payload: bytes("") }, { timeout: 100, many }, 0);
    const [marked, silence, time] = [many({ sentinel: true }), many({ stall: 30 }), many({})];
    const reply = (ticket: number, text = "x"): void =>
      talk.receive(`MSG ${inbox}.${ticket} 1 ${text.length}\r\n${text}\r\n`);
    reply(marked);
    reply(marked, "");
    expect(talk.take()).toEqual(["reply", "reply", "answered"]);
    // There is time for the first one.
    talk.advance(50);
    reply(silence);
    talk.advance(20);
    reply(silence);
    talk.advance(29);
    expect(talk.take()).toEqual(["reply", "reply"]);
    // The silence would last longer than all the time there is.
    talk.advance(1);
    expect(talk.events).toEqual([
      { event: "answered", ticket: silence },
      { event: "answered", ticket: time },
    ]);
  });

  it("for many replies wait as long as their time, where that is shorter than the silence they would end with", () => {
    const talk = SessionHarness.connected();
    const ask = (stall: number): number =>
      talk.session.request("a", { payload: bytes("") }, { timeout: 100, many: { stall } }, talk.now);
    const [longer, equal, shorter] = [ask(200), ask(100), ask(30)];
    talk.advance(50);
    talk.receive([longer, equal, shorter].map((ticket) => `MSG ${inbox}.${ticket} 1 0\r\n\r\n`).join(""));
    talk.take();
    talk.advance(29);
    expect(talk.events).toEqual([]);
    talk.advance(1);
    expect(talk.events).toEqual([{ event: "answered", ticket: shorter }]);
    talk.advance(19);
    expect(talk.events.length).toBe(1);
    talk.advance(1);
    expect(talk.events.slice(1)).toEqual([
      { event: "answered", ticket: longer },
      { event: "answered", ticket: equal },
    ]);
  });

  it("for many replies fail where nobody listens", () => {
    const talk = SessionHarness.connected();
    const ticket = talk.session.request("a", { payload: bytes("") }, { timeout: 100, many: {} }, 0);
    talk.receive(`HMSG ${inbox}.${ticket} 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`);
    talk.advance(1000);
    expect(talk.events).toMatchObject([{ event: "failed", ticket, reason: "NO_RESPONDERS" }]);
  });

  it("may have an inbox of their own, which is given up behind the reply, or where none came", () => {
    const talk = SessionHarness.connected();
    const ask = (reply?: string): number =>
      talk.session.request("a", { payload: bytes("") }, { timeout: 100, noMux: reply === undefined, reply }, talk.now);
    const first = ask();
    expect(talk.sent()).toBe(`SUB ${inbox}.own.${first} 1\r\nPUB a ${inbox}.own.${first} 0\r\n\r\n`);
    const second = ask("mine");
    expect(talk.sent()).toBe("SUB mine 2\r\nPUB a mine 0\r\n\r\n");
    talk.receive("MSG mine 2 1\r\n2\r\n");
    expect(talk.sent()).toBe("UNSUB 2\r\n");
    talk.advance(100);
    expect(talk.sent()).toBe("UNSUB 1\r\n");
    expect(talk.events).toMatchObject([
      { event: "reply", ticket: second },
      { event: "failed", ticket: first, reason: "TIMEOUT" },
    ]);
    const third = ask();
    talk.sent();
    talk.session.cancel(third);
    expect(talk.sent()).toBe("UNSUB 3\r\n");
    expect(() => talk.session.request("a b", { payload: bytes("") }, { timeout: 1, noMux: true }, 0)).toThrow(/a b/);
    expect(talk.sent()).toBe("SUB _INBOX.0000000000000000.own.4 4\r\nUNSUB 4\r\n");
  });

  it("fail with their connection, and are answered by the next one's inbox", () => {
    const talk = SessionHarness.connected();
    const ticket = talk.session.request("a", { payload: bytes("") }, { timeout: 100 }, 0);
    talk.lost();
    expect(talk.events).toMatchObject([{ event: "failed", ticket, reason: "LOST" }, { event: "disconnected" }, {}]);
    talk.connect();
    expect(talk.sent()).toBe(`SUB ${inbox}.* 1\r\n`);
  });

  it("are not sent where they could not be", () => {
    const talk = SessionHarness.connected();
    expect(() => talk.session.request("a b", { payload: bytes("") }, { timeout: 100 }, 0)).toThrow(/a b/);
    expect(() => talk.session.request("a", { payload: bytes("") }, { timeout: 0 }, 0)).toThrow("timeout");
    talk.advance(1000);
    expect(talk.events).toEqual([]);
  });
});

describe("a connection", () => {
  it("that answers no PING is stale at the third, and another is made", () => {
    const talk = SessionHarness.connected({ pingInterval: 1000, servers: ["nats://a", "nats://b"] });
    talk.session.subscribe("foo.*");
    talk.sent();
    talk.advance(2000);
    expect(talk.sent()).toBe("PING\r\nPING\r\n");
    talk.advance(1000);
    expect(talk.events.map((one) => one.event)).toEqual(["disconnected", "reconnecting"]);
    expect(talk.events[0]).toMatchObject({ reason: "STALE" });
    expect(talk.actions).toMatchObject([{ do: "close" }, { do: "dial", to: { host: "b" } }]);
    talk.connect();
    expect(talk.sent()).toBe("SUB foo.* 1\r\n");
    talk.receive("MSG foo.bar 1 5\r\nhello\r\n");
    expect(talk.events.at(-1)).toMatchObject({ event: "message", message: { subject: "foo.bar" } });
  });

  it("that answers is not", () => {
    const talk = SessionHarness.connected({ pingInterval: 1000 });
    for (let i = 0; i < 10; i++) {
      talk.advance(1000);
      talk.receive("PONG\r\nPONG\r\n");
    }
    expect(talk.events).toEqual([]);
    talk.receive("PING\r\n");
    expect(talk.sent()).toMatch(/PING\r\nPONG\r\n$/);
  });

  it("that is new hears of every subscription, with what is left of it, and then of what was published meanwhile", () => {
    const talk = SessionHarness.connected();
    talk.session.subscribe("a", { max: 3 });
    const gone = talk.session.subscribe("b");
    talk.session.subscribe("c", { queue: "q" });
    talk.receive("MSG a 1 0\r\n\r\n");
    talk.lost();
    talk.session.unsubscribe(gone);
    const later = talk.session.subscribe("d");
    talk.session.unsubscribe(later, 5);
    const payload = bytes("kept");
    expect(talk.session.publish("e", { payload })).toBe("accepted");
    payload.fill(0);
    talk.sent();
    expect(talk.session.stats.buffered).toBe(1);
    talk.connect();
    expect(talk.sent()).toBe("SUB a 1\r\nUNSUB 1 2\r\nSUB c q 3\r\nSUB d 4\r\nUNSUB 4 5\r\nPUB e 4\r\nkept\r\n");
    expect(talk.session.stats).toMatchObject({ buffered: 0, inFlight: 1, reconnects: 1 });
    talk.receive("MSG a 1 0\r\n\r\nMSG a 1 0\r\n\r\n");
    expect(talk.events.at(-1)).toMatchObject({ event: "unsubscribed", of: 1 });
  });

  it("is told how many messages a subscription has left there, where that is said later too", () => {
    const talk = SessionHarness.connected({ servers: ["nats://a"] });
    const sid = talk.session.subscribe("foo");
    talk.receive("MSG foo 1 0\r\n\r\nMSG foo 1 0\r\n\r\n");
    talk.lost();
    talk.connect();
    expect(talk.sent()).toBe("SUB foo 1\r\n");
    talk.session.unsubscribe(sid, 5);
    expect(talk.sent()).toBe("UNSUB 1 3\r\n");
  });

  it("that is lost again and again is tried for after times that grow, and at last is given up", () => {
    const talk = SessionHarness.connected({ random: (into) => into.fill(255), maxReconnectAttempts: 5 });
    talk.lost();
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      talk.lost("refused");
      const last = talk.events.findLast((one) => one.event === "reconnecting");
      if (last?.event !== "reconnecting") break;
      waits.push(last.after);
      talk.advance(last.after);
    }
    expect(waits.slice(0, 4)).toEqual([249, 499, 999, 1999]);
    const detail = "127.0.0.1:4222: refused; no server is left to try";
    expect(talk.events.at(-1)).toMatchObject({ event: "closed", reason: "REFUSED", detail });
    expect(talk.session.deadline).toBe(undefined);
  });

  it("that was there for long is tried for at once when it is lost", () => {
    const talk = SessionHarness.connected({ random: (into) => into.fill(255) });
    talk.lost();
    talk.connect();
    talk.take();
    talk.lost();
    expect(talk.take()).not.toContain("dial");
    talk.advance(1000);
    talk.connect();
    talk.advance(5000);
    talk.take();
    talk.lost();
    expect(talk.take()).toContain("dial");
  });

  it("is not made again where that is not wished", () => {
    const talk = SessionHarness.connected({ reconnect: false });
    talk.lost("reset by peer");
    expect(talk.events).toMatchObject([
      { event: "disconnected", reason: "LOST" },
      { event: "closed", detail: "127.0.0.1:4222: reset by peer" },
    ]);
  });

  it("that refuses the credentials twice is tried for no more", () => {
    const talk = SessionHarness.connected({ maxReconnectAttempts: -1 });
    talk.lost();
    for (let i = 0; i < 2; i++) {
      talk.session.opened(talk.now);
      talk.receive("INFO {}\r\n");
      talk.receive("-ERR 'Authorization Violation'\r\n");
      talk.advance(10_000);
    }
    const refused = { reason: "AUTH", detail: "127.0.0.1:4222: Authorization Violation" };
    const again = { event: "reconnecting", ...refused };
    const closed = { event: "closed", reason: "AUTH", detail: `${refused.detail}; no server is left to try` };
    expect(talk.events.slice(-3)).toMatchObject([again, again, closed]);
  });

  it("has the server in the reason of its end once, as it is written, and a unix socket by its path", () => {
    const ended = (server: string, reason: string): unknown => {
      const talk = new SessionHarness({ servers: [server] });
      talk.lost(reason);
      return talk.events.flatMap((one) => (one.event === "closed" ? [one.detail] : []));
    };
    expect(ended("nats://[::1]:1", "reset")).toEqual(["[::1]:1: reset"]);
    expect(ended("unix:/run/n.sock", "reset")).toEqual(["/run/n.sock: reset"]);
    expect(ended("nats://h:1", "connect ECONNREFUSED h:1")).toEqual(["connect ECONNREFUSED h:1"]);
  });

  it("hears of errors that end nothing", () => {
    const talk = SessionHarness.connected();
    talk.receive("-ERR 'Permissions Violation for Publish to \"foo\"'\r\n-ERR 'Something New'\r\n+OK\r\n");
    expect(talk.events).toMatchObject([
      { event: "error", reason: "PERMISSION", detail: 'Permissions Violation for Publish to "foo"' },
      { event: "error", reason: "PROTOCOL", detail: "Something New" },
    ]);
  });

  it("tells of the cluster, which is gone to when it is lost", () => {
    const talk = SessionHarness.connected();
    talk.receive('INFO {"connect_urls":["10.0.0.1:4222","nonsense","user@evil:4222","127.0.0.1:4222"]}\r\n');
    expect(talk.events).toEqual([{ event: "update", servers: { added: ["10.0.0.1:4222"], deleted: [] } }]);
    talk.receive('INFO {"connect_urls":["10.0.0.2:4222"],"ldm":true}\r\n');
    expect(talk.events.slice(1)).toEqual([
      { event: "update", servers: { added: ["10.0.0.2:4222"], deleted: ["10.0.0.1:4222"] } },
      { event: "lame-duck" },
    ]);
    talk.lost();
    expect(talk.actions).toMatchObject([{ do: "dial", to: { host: "10.0.0.2" } }]);
  });
});

describe("a verbose server", () => {
  it("confirms each message, and says which operation it refused", () => {
    const talk = new SessionHarness({ verbose: true });
    talk.session.opened(0);
    talk.receive("INFO {}\r\n+OK\r\nPONG\r\n");
    talk.session.subscribe("a");
    talk.session.publish("b", { payload: bytes("") });
    talk.session.unsubscribe(1, 5);
    talk.session.publish("c", { payload: bytes("") });
    const refused = "-ERR 'Permissions Violation for Publish to \"b\"'\r\n";
    talk.receive(`+OK\r\n${refused}+OK\r\n`);
    expect(talk.events.at(-1)).toMatchObject({ event: "error", reason: "PERMISSION", about: "PUB b" });
    expect(talk.session.stats).toMatchObject({ confirmed: 1, inFlight: 1 });
    talk.receive("+OK\r\n+OK\r\n-ERR 'Something New'\r\n");
    expect(talk.events.at(-1)).toMatchObject({ event: "error", about: undefined });
    expect(talk.session.stats).toMatchObject({ confirmed: 2, inFlight: 0 });
  });

  it("that is late confirms nothing twice", () => {
    const talk = SessionHarness.connected({ verbose: true });
    talk.session.publish("b", { payload: bytes("") });
    talk.session.flush(0);
    talk.receive("PONG\r\n+OK\r\n+OK\r\n");
    expect(talk.session.stats).toMatchObject({ published: 1, confirmed: 1, inFlight: 0 });
  });
});

describe("the next server", () => {
  const servers = ["nats://a", "nats://b", "nats://c"];
  const dialled = (talk: SessionHarness): string[] =>
    talk.actions.flatMap((one) => (one.do === "dial" ? [one.to.host] : []));

  it("is chosen by whom it is left to, who is shown what there is", () => {
    const seen: unknown[] = [];
    const talk = new SessionHarness({ servers, selectServer: (choices) => seen.push(choices) && choices.length - 1 });
    talk.lost();
    expect(dialled(talk)).toEqual(["c", "c"]);
    expect(seen[1]).toEqual([
      { server: "a:4222", isDiscovered: false, attempts: 0 },
      { server: "b:4222", isDiscovered: false, attempts: 0 },
      { server: "c:4222", isDiscovered: false, attempts: 1 },
    ]);
  });

  it("is the one whose turn it is where the choice makes no sense", () => {
    for (const choice of [undefined, -1, 3, 0.5, Number.NaN]) {
      expect(dialled(new SessionHarness({ servers, selectServer: () => choice }))).toEqual(["a"]);
    }
    const throws = (): never => {
      throw new Error("mine");
    };
    const talk = new SessionHarness({ servers, selectServer: throws, reconnectDelay: throws });
    talk.lost();
    expect(talk.events.map((one) => "detail" in one && one.detail)).toEqual([
      "selectServer threw: Error: mine",
      "reconnectDelay threw: Error: mine",
      "a:4222: reset",
      "selectServer threw: Error: mine",
    ]);
  });
});

describe("the end", () => {
  it("is behind what was published, and is told once", () => {
    const talk = SessionHarness.connected();
    const sid = talk.session.subscribe("foo");
    const ticket = talk.session.request("a", { payload: bytes("") }, { timeout: 100 }, 0);
    const flush = talk.session.flush(0);
    talk.session.close(0);
    talk.session.close(0);
    talk.settle();
    expect(talk.actions).toEqual([{ do: "close", flushed: true }]);
    expect(talk.sent()).toMatch(/^SUB foo 1\r\n.*PUB a .*PING\r\n$/s);
    expect(talk.events).toMatchObject([
      { event: "failed", ticket: flush, reason: "CLOSED" },
      { event: "failed", ticket, reason: "CLOSED" },
      { event: "unsubscribed", of: sid, reason: "CLOSED" },
      { event: "closed", reason: "CLOSED" },
    ]);
    expect(() => talk.session.publish("a", { payload: bytes("") })).toThrow("closed");
    talk.receive("MSG foo 1 0\r\n\r\n");
    talk.lost();
    talk.advance(100_000);
    expect(talk.events.length).toBe(4);
  });

  it("may wait until all that is under way has come", () => {
    const talk = SessionHarness.connected();
    const sid = talk.session.subscribe("foo");
    talk.sent();
    talk.session.drain(0);
    expect(talk.sent()).toBe("UNSUB 1\r\nPING\r\n");
    talk.receive("MSG foo 1 0\r\n\r\nPONG\r\n");
    expect(talk.events).toMatchObject([
      { event: "message", to: sid },
      { event: "unsubscribed", of: sid },
      { event: "drained" },
    ]);
  });

  it("may come to one subscription, behind what is under way to it; requests go on", () => {
    const talk = SessionHarness.connected();
    const [one, other] = [talk.session.subscribe("foo"), talk.session.subscribe("bar")];
    const asked = talk.session.request("a", { payload: bytes("") }, { timeout: 100 }, 0);
    talk.sent();
    const ticket = talk.session.drain(0, one);
    expect(talk.sent()).toBe("UNSUB 1\r\nPING\r\n");
    talk.receive("MSG foo 1 0\r\n\r\nPONG\r\nMSG foo 1 0\r\n\r\nMSG bar 2 0\r\n\r\n");
    expect(talk.events).toMatchObject([
      { event: "message", to: one },
      { event: "unsubscribed", of: one },
      { event: "drained", ticket },
      { event: "message", to: other },
    ]);
    talk.session.drain(0);
    talk.receive(`PONG\r\nMSG ${inbox}.${asked} 3 0\r\n\r\n`);
    expect(talk.take().slice(-3)).toEqual(["unsubscribed", "drained", "reply"]);
  });

  it("of a subscription comes with its connection, and the next one does not hear of it", () => {
    const talk = SessionHarness.connected();
    const of = talk.session.subscribe("foo");
    const ticket = talk.session.drain(0, of);
    talk.sent();
    talk.lost();
    expect(talk.events.slice(0, 2)).toMatchObject([
      { event: "unsubscribed", of, reason: undefined },
      { event: "failed", ticket, reason: "LOST" },
    ]);
    talk.connect();
    expect(talk.sent()).toBe("");
    talk.session.drain(0, of);
    talk.receive("PONG\r\n");
    expect(talk.take().at(-1)).toBe("drained");
  });

  it("ends the subscriptions there are, and none that begins behind it", () => {
    const talk = SessionHarness.connected();
    talk.session.subscribe("foo");
    talk.session.drain(0);
    const later = talk.session.subscribe("bar");
    talk.receive("PONG\r\nMSG bar 2 0\r\n\r\n");
    expect(talk.events).toMatchObject([
      { event: "unsubscribed", of: 1 },
      { event: "drained" },
      { event: "message", to: later },
    ]);
  });

  it("does not take a server for dead that it did not listen to, and asks it anew when it does", () => {
    const talk = SessionHarness.connected({ pingInterval: 1000, maxPingOut: 1 });
    talk.advance(1000);
    expect(talk.sent()).toBe("PING\r\n");
    const sid = talk.session.subscribe("foo", { maxMessages: 1, overflow: "pause" });
    talk.receive("MSG foo 1 0\r\n\r\n");
    expect(talk.take()).toContain("pause");
    talk.advance(4500);
    talk.session.consumed(sid, 1, 0);
    expect(talk.take()).toEqual(["resume"]);
    // It is given a whole interval for what it said meanwhile.
    talk.advance(1499);
    expect(talk.take()).toEqual([]);
    talk.advance(1);
    expect(talk.events[0]).toMatchObject({ event: "disconnected", reason: "STALE" });
  });

  it("does not read on from a connection that was paused and is hung up on", () => {
    const talk = SessionHarness.connected();
    talk.session.subscribe("foo", { maxMessages: 1, overflow: "pause" });
    talk.receive("MSG foo 1 0\r\n\r\n");
    talk.session.close(0);
    expect(talk.take()).toEqual(["pause", "close", "message", "unsubscribed", "closed"]);
  });

  it("finds what was never sent dropped", () => {
    const talk = new SessionHarness();
    talk.session.publish("foo", { payload: bytes("") });
    talk.session.close(0);
    expect(talk.session.stats).toMatchObject({ published: 1, dropped: 1, buffered: 0 });
  });
});

describe("without a connection", () => {
  it("what is published is refused or dropped where that is wished, and not kept beyond a limit", () => {
    const publish = (config: object): unknown =>
      new SessionHarness(config).session.publish("foo", { payload: bytes("xx") });
    expect(publish({ whileDisconnected: "reject" })).toBe("refused");
    expect(publish({ whileDisconnected: "drop" })).toBe("dropped");
    expect(publish({ maxPending: 72 })).toBe("full");
    const full = new SessionHarness({ maxPending: 72 }).session;
    expect(["", "x"].map((text) => full.publish("foo", { payload: bytes(text) }))).toEqual(["full", "refused"]);
    expect(() => new SessionHarness().session.publish("a b", { payload: bytes("") })).toThrow(/a b/);
  });

  it("what was kept and is more than the next server takes is dropped and told, and the rest is sent", () => {
    const talk = new SessionHarness();
    const payload = bytes("four");
    talk.session.publish("a", { payload });
    talk.session.publish("b", { payload: bytes("") });
    talk.session.publish("c", { headers: bytes("NATS/1.0\r\n\r\n"), payload: bytes("") });
    talk.connect(',"max_payload":3,"headers":false');
    expect(talk.sent()).toBe("PUB b 0\r\n\r\n");
    expect(talk.events).toMatchObject([{ event: "connected" }, { event: "error", reason: "REFUSED" }]);
    expect(talk.session.stats).toMatchObject({ published: 3, inFlight: 1, dropped: 2, buffered: 0 });
  });

  it("a request that was kept and is more than the next server takes fails at once", () => {
    const talk = new SessionHarness();
    const ask = (options: object = {}): number =>
      talk.session.request("a", { payload: bytes("four") }, { timeout: 100, ...options }, 0);
    const tickets = [ask(), ask({ noMux: true }), ask({ noMux: true, reply: "mine" }), ask({ many: {} })];
    const small = talk.session.request("a", { payload: bytes("1") }, { timeout: 100 }, 0);
    talk.connect(',"max_payload":3');
    expect(talk.events).toMatchObject([
      { event: "connected" },
      ...tickets.map((ticket) => ({
        event: "failed",
        ticket,
        reason: "REFUSED",
        detail: "kept, and dropped: 4 bytes are more than the server takes, 3",
      })),
    ]);
    expect(talk.sent()).toMatch(
      /^SUB .*\.\* 1\r\nSUB .* 2\r\nSUB mine 3\r\nPUB a .* 1\r\n1\r\nUNSUB 2\r\nUNSUB 3\r\n$/s,
    );
    talk.advance(1000);
    expect(talk.events.slice(5)).toMatchObject([{ event: "failed", ticket: small, reason: "TIMEOUT" }]);
    expect(talk.session.stats).toMatchObject({ published: 5, inFlight: 1, dropped: 4 });
  });

  it("a request fails where it cannot be kept, and a flush at once", () => {
    const talk = new SessionHarness({ whileDisconnected: "reject" });
    const ticket = talk.session.request("a", { payload: bytes("") }, { timeout: 100 }, 0);
    const flush = talk.session.flush(0);
    talk.settle();
    expect(talk.events).toMatchObject([
      { event: "failed", ticket, reason: "LOST" },
      { event: "failed", ticket: flush, reason: "LOST" },
    ]);
  });

  it("every server is tried once for the first one, or again and again where that is wished", () => {
    const servers = ["nats://a", "nats://b"];
    const once = new SessionHarness({ servers, random: (into) => into.fill(0) });
    once.lost("refused");
    once.lost("refused");
    expect(once.take()).toEqual(["dial", "dial", "reconnecting", "closed"]);
    const patient = new SessionHarness({ servers, waitOnFirstConnect: true, maxReconnectAttempts: -1 });
    for (let i = 0; i < 20; i++) patient.lost("refused");
    expect(patient.take().filter((one) => one === "dial").length).toBe(21);
  });
});
