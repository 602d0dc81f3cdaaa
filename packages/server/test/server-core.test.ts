// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { outputsOf, segmentsOf } from "../../../tools/testkit/machine.ts";
import { type ServerConfig, ServerCore } from "../src/index.ts";
import { Peer } from "../src/peer.ts";
import { ServerHarness } from "./server-harness.ts";

const unknown = "-ERR 'Unknown Protocol Operation'\r\n";

describe("a new connection", () => {
  it("is sent INFO first", () => {
    const server = new ServerHarness({ port: 4321, serverName: "here" });
    const peer = server.core.opened(0);
    const info = JSON.parse(server.read(peer).replace(/^INFO |\r\n$/g, ""));
    expect(info).toMatchObject({
      server_name: "here",
      proto: 1,
      port: 4321,
      headers: true,
      max_payload: 1_048_576,
      client_id: 1,
    });
    expect(info.server_id).toMatch(/^N[A-Z2-7]{55}$/);
  });

  it("is rejected after INFO if there are too many", () => {
    const server = new ServerHarness({ maxConnections: 1 });
    server.open();
    const second = server.core.opened(0);
    expect(server.read(second)).toMatch(/^INFO .*\r\n-ERR 'maximum connections exceeded'\r\n$/);
    expect(server.closeReason(second)).toBe("refused");
  });
});

describe("a connection", () => {
  // As nats-server 2.9.10 answers, except that an invalid subject is not relayed.
  it.each([
    ["PING\r\n", "PONG\r\n"],
    ["ping\r\nPONG\r\n", "PONG\r\n"],
    ["SUB foo 1\r\nPUB foo 5\r\nhello\r\n", "MSG foo 1 5\r\nhello\r\n"],
    ["SUB foo 1\r\nPUB foo bar 5\r\nhello\r\n", "MSG foo 1 bar 5\r\nhello\r\n"],
    ["SUB\tfoo\t\tq\t1\t\r\nPUB foo 1\r\na\r\n", "MSG foo 1 1\r\na\r\n"],
    ["SUB foo  1\r\nUNSUB 1 \r\nPUB foo 0\r\n\r\n", ""],
    ["SUB foo abc-_.*>\r\nPUB foo 1\r\na\r\n", "MSG foo abc-_.*> 1\r\na\r\n"],
    ["SUB foo 01\r\nSUB foo 1\r\nUNSUB 01\r\nPUB foo 1\r\na\r\n", "MSG foo 1 1\r\na\r\n"],
    ["SUB foo..bar 1\r\n", "-ERR 'Invalid Subject'\r\n"],
    ["SUB foo.>.bar 1\r\n", "-ERR 'Invalid Subject'\r\n"],
    ["SUB foo\xff 1\r\n", "-ERR 'Invalid Subject'\r\n"],
    ["SUB foo \x01\r\n", "-ERR 'Invalid Subject'\r\n"],
    ["SUB foo \xff\r\n", "-ERR 'Invalid Subject'\r\n"],
    ["SUB foo* 1\r\nPUB foo* 1\r\na\r\nPUB foox 1\r\nb\r\n", "MSG foo* 1 1\r\na\r\n"],
    [
      "SUB foo.> 1\r\nPUB foo 1\r\na\r\nPUB foo.a 1\r\nb\r\nPUB foo.a.b 1\r\nc\r\n",
      "MSG foo.a 1 1\r\nb\r\nMSG foo.a.b 1 1\r\nc\r\n",
    ],
    ["SUB *.* 1\r\nPUB a.b 1\r\na\r\nPUB a 1\r\nb\r\nPUB a.b.c 1\r\nc\r\n", "MSG a.b 1 1\r\na\r\n"],
    ["SUB foo 1\r\nSUB bar 1\r\nPUB bar 1\r\na\r\nPUB foo 1\r\nb\r\n", "MSG foo 1 1\r\nb\r\n"],
    ["SUB foo _sys_ 1\r\n", `-ERR 'Permissions Violation for Subscription to "foo" using queue "_sys_"'\r\n`],
    [
      "SUB foo 1\r\nUNSUB 1 2\r\nPUB foo 0\r\n\r\nPUB foo 1\r\nb\r\nPUB foo 1\r\nc\r\n",
      "MSG foo 1 0\r\n\r\nMSG foo 1 1\r\nb\r\n",
    ],
    [
      "SUB foo 1\r\nPUB foo 1\r\na\r\nPUB foo 1\r\nb\r\nUNSUB 1 1\r\nPUB foo 1\r\nc\r\n",
      "MSG foo 1 1\r\na\r\nMSG foo 1 1\r\nb\r\n",
    ],
    ["SUB foo 1\r\nUNSUB 1 0\r\nPUB foo 1\r\na\r\n", ""],
    ["SUB foo 1\r\nUNSUB 1 9\r\nUNSUB 1\r\nPUB foo 1\r\na\r\n", ""],
    ["UNSUB 99\r\nPING\r\n", "PONG\r\n"],
    ["SUB foo 1\r\nPUB foo 000000005\r\nhello\r\n", "MSG foo 1 5\r\nhello\r\n"],
    ["SUB > 9\r\nPUB foo.* 2\r\nok\r\n", "MSG foo.* 9 2\r\nok\r\n"],
    ["SUB > 9\r\nPUB foo..bar 2\r\nok\r\n", "-ERR 'Invalid Publish Subject'\r\n"],
    ["SUB > 9\r\nPUB f\x01 2\r\nok\r\n", "-ERR 'Invalid Publish Subject'\r\n"],
    ["PUB foo _R_.x 2\r\nok\r\n", `-ERR 'Permissions Violation for Publish with Reply of "_R_.x"'\r\n`],
    ["PUB _GR_.x 2\r\nok\r\n", `-ERR 'Permissions Violation for Publish to "_GR_.x"'\r\n`],
    ["PUB $NRG.x 2\r\nok\r\n", `-ERR 'Permissions Violation for Publish to "$NRG.x"'\r\n`],
    // Only the beginning of a subject is reserved.
    ["SUB > 9\r\nPUB a_GR_.x 2\r\nok\r\n", "MSG a_GR_.x 9 2\r\nok\r\n"],
    ["SUB > 9\r\nPUB a$NRG.x 2\r\nok\r\n", "MSG a$NRG.x 9 2\r\nok\r\n"],
    ["SUB foo 9\r\nPUB foo a_R_.x 2\r\nok\r\n", "MSG foo 9 a_R_.x 2\r\nok\r\n"],
    ["SUB foo 9\r\nPUB foo a$JS.ACK.x 2\r\nok\r\n", "MSG foo 9 a$JS.ACK.x 2\r\nok\r\n"],
    ["SUB foo 1\r\nHPUB foo 12 14\r\nNATS/1.0\r\n\r\nok\r\n", "HMSG foo 1 12 14\r\nNATS/1.0\r\n\r\nok\r\n"],
    ["SUB foo 1\r\nHPUB foo 0 2\r\nok\r\n", "MSG foo 1 2\r\nok\r\n"],
    ["HPUB foo 5 7\r\nabcdeok\r\n", `-ERR 'Permissions Violation for Publish to "foo", malformed header block'\r\n`],
    [
      "SUB foo.* q 1\r\nSUB foo.> q 2\r\nSUB foo.a r 3\r\nPUB foo.a 0\r\n\r\n",
      /^MSG foo\.a [12] 0\r\n\r\nMSG foo\.a 3 0\r\n\r\n$/,
    ],
  ])("answers %j with %s", (sent, answer) => {
    const server = new ServerHarness();
    const peer = server.connect();
    const received = server.exchange(peer, sent);
    if (typeof answer === "string") expect(received).toBe(answer);
    else expect(received).toMatch(answer);
    expect(server.closeReason(peer)).toBeUndefined();
  });

  it.each([
    ["XYZ\r\n", unknown],
    ["GET / HTTP/1.1\r\n", unknown],
    ["PING\r\n\r\n", `PONG\r\n${unknown}`],
    ["PUB foo 2\r\nokX\r\n", unknown],
    [`SUB ${"x".repeat(5000)}`, "-ERR 'maximum control line exceeded'\r\n"],
    ["PUB foo 1048577\r\n", "-ERR 'Maximum Payload Violation'\r\n"],
    ["PUB foo x\r\n", ""],
    ["SUB foo\r\n", ""],
    ["UNSUB 1 abc\r\n", ""],
    ["CONNECT {}\r\n", unknown],
  ])("answers %j with %s and closes", (sent, answer) => {
    const server = new ServerHarness();
    const peer = server.connect();
    expect(server.exchange(peer, sent)).toBe(answer);
    expect(server.closeReason(peer)).toMatch(/protocol|refused/);
    expect(server.exchange(peer, "PING\r\n")).toBe("");
  });

  it.each([
    ['{"protocol":2}', "-ERR 'invalid client protocol'\r\n"],
    ['{"no_responders":true}', "-ERR 'no responders requires headers support'\r\n"],
    ["[]", ""],
  ])("rejects CONNECT %s", (options, answer) => {
    const server = new ServerHarness();
    const peer = server.open();
    expect(server.exchange(peer, `CONNECT ${options}\r\n`)).toBe(answer);
    expect(server.closeReason(peer)).toBeDefined();
  });

  it("is verbose and pedantic by default", () => {
    const server = new ServerHarness();
    const peer = server.open();
    expect(server.exchange(peer, "SUB foo.> 1\r\nSUB x 1\r\nPUB foo.a 2\r\nok\r\nUNSUB 9\r\n")).toBe(
      "+OK\r\n+OK\r\n+OK\r\nMSG foo.a 1 2\r\nok\r\n+OK\r\n",
    );
    expect(server.exchange(peer, "PUB foo.* 0\r\n\r\n")).toBe(
      "-ERR 'Invalid Publish Subject'\r\n+OK\r\nMSG foo.* 1 0\r\n\r\n",
    );
    expect(server.exchange(peer, "PUB foo.* _R_.x 0\r\n\r\n")).toBe(
      `-ERR 'Invalid Publish Subject'\r\n-ERR 'Permissions Violation for Publish with Reply of "_R_.x"'\r\n`,
    );
    expect(server.exchange(peer, "CONNECT {}\r\n")).toBe("+OK\r\n");
    expect(server.exchange(peer, "HPUB foo 0 0\r\n\r\n")).toBe("");
    expect(server.closeReason(peer)).toBe("protocol");
  });

  it("answers the same however the bytes are split", () => {
    const said =
      "SUB foo.* 1\r\nPUB foo.a 12\r\nPING\r\nPING\r\n\r\nUNSUB 1 1\r\nSUB b 2\r\nPUB b r 2\r\nok\r\nPING\r\nX";
    const whole = new ServerHarness();
    const expected = whole.exchange(whole.connect(), said);
    const law = fc.property(fc.array(fc.nat(said.length)), (cuts) => {
      const server = new ServerHarness();
      const peer = server.connect();
      const places = [0, ...cuts.sort((a, b) => a - b), said.length];
      for (const [i, end] of places.slice(1).entries()) server.send(peer, said.slice(places[i], end));
      expect(server.read(peer)).toBe(expected);
    });
    fc.assert(law);
  });
});

describe("several clients", () => {
  it("receive headers only if they enabled them", () => {
    const server = new ServerHarness();
    const [publisher, plain] = [server.connect(), server.open()];
    server.exchange(plain, 'CONNECT {"verbose":false}\r\nSUB foo 7\r\n');
    server.send(publisher, "HPUB foo r 12 14\r\nNATS/1.0\r\n\r\nok\r\n");
    expect(server.read(plain)).toBe("MSG foo 7 r 2\r\nok\r\n");
    const expected = { connections: 2, subscriptions: 1, published: 1, delivered: 1, slow: 0 };
    expect(server.core.stats).toMatchObject(expected);
  });

  it("receive a header block of any size, with lines that cannot be read", () => {
    const server = new ServerHarness();
    const peer = server.connect();
    server.send(peer, "SUB foo 1\r\n");
    const many = Array.from({ length: 2000 }, (_, i) => `name-${i}: ${"x".repeat(60)}\r\n`).join("");
    for (const block of ["NATS/1.0 1 h\r\n\r\n", "NATS/1.0\r\nodd\r\n\r\n", "NATS/1.0", `NATS/1.0\r\n${many}\r\n`]) {
      server.send(peer, `HPUB foo ${block.length} ${block.length + 2}\r\n${block}hi\r\n`);
      expect(server.read(peer)).toBe(`HMSG foo 1 ${block.length} ${block.length + 2}\r\n${block}hi\r\n`);
    }
  });

  it("do not receive their own messages without echo", () => {
    const server = new ServerHarness();
    const [silent, other] = [server.connect(',"echo":false'), server.connect()];
    server.send(silent, "SUB foo 1\r\nSUB foo q 2\r\n");
    server.send(other, "SUB foo q 3\r\n");
    expect(server.exchange(silent, "PUB foo 0\r\n\r\n")).toBe("");
    expect(server.read(other)).toBe("MSG foo 3 0\r\n\r\n");
  });

  it("receive status 503 if the subject has no subscriber", () => {
    const server = new ServerHarness();
    const peer = server.connect(',"no_responders":true');
    const status = "HMSG _INBOX.1 7 38 38\r\nNATS/1.0 503\r\nNats-Subject: nobody\r\n\r\n\r\n";
    expect(server.exchange(peer, "SUB _INBOX.* 7\r\nPUB nobody _INBOX.1 1\r\na\r\n")).toBe(status);
    expect(server.exchange(peer, "UNSUB 7\r\nSUB _INBOX.* q 8\r\nPUB nobody _INBOX.1 1\r\na\r\n")).toBe("");
  });

  it("receive no status 503 if the subject has a subscriber", () => {
    const server = new ServerHarness();
    const [listener, peer] = [server.connect(), server.connect(',"no_responders":true')];
    server.send(listener, "SUB foo 1\r\n");
    expect(server.exchange(peer, "SUB _INBOX.* 7\r\nPUB foo _INBOX.1 1\r\na\r\n")).toBe("");
  });

  it("receive status 503 for their own subscription, not that of another", () => {
    const server = new ServerHarness();
    const [listener, peer] = [server.connect(), server.connect(',"no_responders":true')];
    server.send(listener, "SUB _INBOX.* 99\r\n");
    expect(server.exchange(peer, "SUB _INBOX.* 7\r\nPUB nobody _INBOX.1 1\r\na\r\n")).toMatch(/^HMSG _INBOX\.1 7 /);
    expect(server.read(listener)).toBe("");
  });

  it("receive what later releases reserve (compat: 2.9)", () => {
    const server = new ServerHarness({ compat: "2.9" });
    expect(server.exchange(server.connect(), "SUB > 9\r\nPUB $NRG.x 2\r\nok\r\n")).toBe("MSG $NRG.x 9 2\r\nok\r\n");
    expect(server.exchange(server.connect(), "PUB a_GR_.x 2\r\nok\r\nPUB _GR_.x 2\r\nok\r\n")).toBe(
      `-ERR 'Permissions Violation for Publish to "_GR_.x"'\r\n`,
    );
  });

  it("of a queue group are chosen by the random bytes", () => {
    const server = new ServerHarness({ random: (into) => into.fill(1) });
    const peers = [server.connect(), server.connect(), server.connect(), server.connect()];
    for (const peer of peers) server.send(peer, "SUB foo q 1\r\n");
    server.send(server.connect(), "PUB foo 0\r\n\r\n");
    // 0x01010101 divided by 4 leaves 1.
    expect(peers.map((peer) => server.read(peer) !== "")).toEqual([false, true, false, false]);
  });

  it("count what they published", () => {
    const server = new ServerHarness();
    const peer = server.connect();
    server.send(peer, "PUB foo 0\r\n\r\nPUB foo 0\r\n\r\nPUB foo..x 0\r\n\r\n");
    expect(server.core.connection(peer)?.published).toBe(2);
  });

  it("receive status 503 as nats-server 2.9 sends it (compat: 2.9)", () => {
    const server = new ServerHarness({ compat: "2.9" });
    const peer = server.connect(',"no_responders":true');
    const status = "HMSG _INBOX.1 7 16 16\r\nNATS/1.0 503\r\n\r\n\r\n";
    expect(server.exchange(peer, "SUB _INBOX.* 7\r\nPUB nobody _INBOX.1 1\r\na\r\n")).toBe(status);
    expect(server.exchange(server.connect(',"protocol":1'), "PING\r\n")).toBe("PONG\r\n");
  });

  it("of protocol 1 receive their account after the first PONG, once", () => {
    const server = new ServerHarness();
    const peer = server.connect(',"protocol":1');
    expect(server.exchange(peer, "PING\r\n")).toMatch(
      /^PONG\r\nINFO .*"connect_info":true,"remote_account":"\$G"\}\r\n$/,
    );
    expect(server.exchange(peer, "PING\r\n")).toBe("PONG\r\n");
    expect(server.exchange(server.connect(), "PING\r\n")).toBe("PONG\r\n");
  });

  it("are not affected by one that violates the protocol", () => {
    const server = new ServerHarness();
    const [good, bad] = [server.connect(), server.connect()];
    server.send(good, "SUB foo 1\r\n");
    server.send(bad, "SUB foo 1\r\nX");
    expect(server.exchange(good, "PUB foo 0\r\n\r\n")).toBe("MSG foo 1 0\r\n\r\n");
    expect(server.read(bad)).toBe(unknown);
    server.core.lost(bad, 0);
    server.core.lost(bad, 0);
    expect(server.core.stats).toMatchObject({ connections: 1, subscriptions: 1 });
    server.core.released(bad, 1);
    server.core.drop(bad, "gone", 0);
    expect(server.exchange(bad, "PING\r\n")).toBe("");
  });

  it("are closed if more than maxPending bytes are pending", () => {
    const core = new ServerCore({ random: () => {}, maxPending: 2000 });
    const peer = core.opened(0);
    const say = (text: string): void => core.received(peer, latin1(text), 0);
    say('CONNECT {"verbose":false}\r\nSUB foo 1\r\n');
    for (let i = 0; i < 40; i++) say(`PUB foo 50\r\n${"x".repeat(50)}\r\n`);
    expect([...outputsOf(core)].at(-1)).toMatchObject({ do: "close", connection: peer, reason: "slow" });
    expect(core.stats.slow).toBe(1);
  });

  it("hold back a publisher, once a chunk, while its receiver lags", () => {
    const core = new ServerCore({ random: () => {}, maxPending: 4000 });
    const [receiver, publisher] = [core.opened(0), core.opened(0)];
    const pull = (): number =>
      [...segmentsOf(() => core.transmit(receiver))].reduce((sum, { length }) => sum + length, 0);
    core.released(receiver, pull());
    core.received(receiver, latin1('CONNECT {"verbose":false}\r\nSUB foo 1\r\n'), 0);
    const message = "MSG foo 1 83\r\n".length + 83 + 2;
    const publish = (times: number): void =>
      core.received(publisher, latin1(`PUB foo 83\r\n${"x".repeat(83)}\r\n`.repeat(times)), 0);
    core.received(publisher, latin1('CONNECT {"verbose":false}\r\n'), 0);

    publish(30);
    expect([core.connection(receiver)?.pending, [...outputsOf(core)]]).toEqual([30 * message, []]);
    // A quarter more than three quarters of 4,000.
    publish(5);
    expect([...outputsOf(core)]).toEqual([{ do: "stall", connection: publisher, receiver }]);
    expect([...core.lagging]).toEqual([receiver]);
    // What was pulled and what was not have a limit each.
    const pulled = pull();
    publish(39);
    expect([...outputsOf(core)].map((action) => action.do)).toEqual(["stall"]);
    core.released(receiver, pulled);
    core.released(receiver, pull() - 2001);
    expect([...core.lagging]).toEqual([receiver]);
    core.released(receiver, 1);
    expect([...core.lagging]).toEqual([]);
    publish(1);
    expect([...outputsOf(core)]).toEqual([]);
    core.publish({ subject: "foo", payload: new Uint8Array(1000) });
    expect([[...outputsOf(core)], [...core.lagging]]).toEqual([[], [receiver]]);
    core.lost(receiver, 0);
    expect([...core.lagging]).toEqual([]);
  });

  it("are limited in subscriptions and tokens", () => {
    const server = new ServerHarness({ maxSubscriptions: 1, maxTokens: 3 });
    const peer = server.connect();
    expect(server.exchange(peer, "SUB a.b.c.d 1\r\n")).toContain('Subscription to "a.b.c.d", too many tokens');
    expect(server.exchange(peer, "SUB a 1\r\nSUB b 2\r\n")).toBe("-ERR 'maximum subscriptions exceeded'\r\n");
  });
});

describe("keep-alive", () => {
  const settings = { pingInterval: 1000, pingMax: 2 };

  it("looks only at the connections that are due", () => {
    const server = new ServerHarness({ authRequired: true, ...settings });
    const peers = Array.from({ length: 1000 }, () => {
      const peer = server.connect();
      server.core.authorized(peer, {}, server.now);
      server.now++;
      return peer;
    });
    const closing = vi.spyOn(Peer.prototype, "closing", "get");
    server.core.elapsed(server.core.deadline!);
    expect(server.core.deadline).toBe(1001);
    expect(closing.mock.calls.length).toBeLessThan(10);
    closing.mockRestore();
    server.now = 1000;
    server.advance(1000);
    for (const peer of peers) expect(server.read(peer)).toMatch(/^(PING\r\n){1,2}$/);
  });

  it("sends the first PING after one interval if only CONNECT was received", () => {
    const server = new ServerHarness(settings);
    const peer = server.open();
    server.advance(900);
    server.send(peer, 'CONNECT {"verbose":false}\r\n');
    server.advance(100);
    expect(server.read(peer)).toBe("PING\r\n");
  });

  it("wakes up no more for lame duck mode after every connection is closing", () => {
    const server = new ServerHarness();
    const peers = [server.connect(), server.connect()];
    server.core.lameDuck(10, 10, 0);
    server.advance(20);
    expect(peers.map((peer) => server.closeReason(peer))).toEqual(["shutdown", "shutdown"]);
    expect(server.core.deadline).toBe(120_000);
  });

  it("closes a client that did not answer two PINGs", () => {
    const server = new ServerHarness(settings);
    const peer = server.connect();
    server.advance(2999);
    expect(server.read(peer)).toBe("PING\r\nPING\r\n");
    server.advance(1);
    expect(server.read(peer)).toBe("-ERR 'Stale Connection'\r\n");
    expect(server.closeReason(peer)).toBe("stale");
    expect(server.core.deadline).toBeUndefined();
  });

  it("resets on PONG, and sends no PING to an active client", () => {
    const server = new ServerHarness(settings);
    const peer = server.connect();
    for (let i = 0; i < 5; i++) {
      server.advance(1000);
      expect(server.exchange(peer, "PONG\r\n")).toBe("PING\r\n");
    }
    server.advance(500);
    expect(server.exchange(peer, "PING\r\n")).toBe("PONG\r\n");
    server.advance(500);
    expect(server.read(peer)).toBe("");
    server.advance(1000);
    expect(server.read(peer)).toBe("PING\r\n");
  });

  it("ignores a clock that goes backwards", () => {
    const server = new ServerHarness(settings);
    const peer = server.connect();
    server.advance(900);
    server.core.elapsed(100);
    server.core.elapsed(950);
    expect(server.read(peer)).toBe("");
  });

  it("stops when the server shuts down", () => {
    const server = new ServerHarness();
    const peers = [server.connect(), server.connect()];
    server.core.drop(peers[0]!, "asked to", 0);
    server.core.shutdown(0);
    server.settle();
    expect(peers.map((peer) => server.closeReason(peer))).toEqual(["refused", "shutdown"]);
  });
});

describe("the detail of a close action", () => {
  const required = { authRequired: true, authTimeout: 500 };

  it.each<[Partial<ServerConfig>, string, string]>([
    [required, "PUB a 0\r\n\r\n", "received other data before CONNECT"],
    [required, "CONNECT {}\r\n", "not authorized within 500 ms"],
    [{ maxConnections: 0, maxUnauthorized: 9 }, "", "more than 0 connections or 9 unauthorized ones"],
    [{}, "CONNECT {}\r\nCONNECT {}\r\n", "received a second CONNECT"],
    [{}, "CONNECT {}\r\nHPUB a 0 0\r\n\r\n", "received HPUB, but CONNECT does not have headers"],
    [{}, 'CONNECT {"account":"A"}\r\n', "CONNECT names an account"],
    [{}, 'CONNECT {"protocol":7}\r\n', "CONNECT has protocol 7, not 0 or 1"],
    [{}, 'CONNECT {"no_responders":true}\r\n', "CONNECT has no_responders without headers"],
    [{ pingMax: 0, pingInterval: 100 }, "CONNECT {}\r\n", "0 PINGs unanswered"],
  ])("says what was wrong: %j %j %s", (config, sent, detail) => {
    const server = new ServerHarness(config);
    const peer = server.open();
    server.send(peer, sent.slice(0, 12));
    server.send(peer, sent.slice(12));
    server.advance(1000);
    expect(server.closeDetail(peer)).toBe(detail);
  });

  it("names the pending bytes and their limit if the client is slow", () => {
    const core = new ServerCore({ random: () => {}, maxPending: 10 });
    const peer = core.opened(0);
    const { length } = core.transmit(peer)!;
    expect(core.poll()).toMatchObject({ detail: `${length} bytes are pending, the limit is 10` });
  });
});
