// SPDX-License-Identifier: Apache-2.0
// The promises of the server in docs/reliability.md, whatever its clients send.
import { matches } from "@natswire/codec";
import { afterEach, describe, expect, it, vi } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { segmentsOf } from "../../../tools/testkit/machine.ts";
import { origin } from "../../../tools/testkit/origin.ts";
import { defaults, ServerCore, tokenAuthorizer, userAuthorizer } from "../src/index.ts";
import { Interest } from "../src/interest.ts";
import { SubjectTree } from "../src/subject-tree.ts";
import { ServerHarness } from "./server-harness.ts";

const violation = "-ERR 'Authorization Violation'\r\n";
const connect = 'CONNECT {"auth_token":"t","verbose":false}\r\n';

afterEach(() => vi.restoreAllMocks());

describe("secrets", () => {
  /** Returns how many characters of any string are read. */
  const charactersRead = (work: () => unknown): number => {
    const charCodeAt = vi.spyOn(String.prototype, "charCodeAt");
    work();
    const { length } = charCodeAt.mock.calls;
    charCodeAt.mockRestore();
    return length;
  };

  it("are compared in steps that depend on the guess's length only", () => {
    const byToken = tokenAuthorizer("secret");
    const byName = userAuthorizer([{ user: "ann", password: "secret" }]);
    for (const length of [0, 1, 6, 7, 100]) {
      const wrong = "x".repeat(length);
      const almost = `secret${wrong}`.slice(0, length);
      const counts = [wrong, almost].flatMap((guess) => [
        charactersRead(() => byToken({ auth_token: guess }, "", origin)),
        charactersRead(() => byName({ user: "ann", pass: guess }, "", origin)),
        charactersRead(() => byName({ user: "nobody", pass: guess }, "", origin)),
      ]);
      expect(new Set(counts)).toEqual(new Set([2 * length]));
    }
  });

  it.each<unknown>([null, 0, true, [["secret"]], { length: 6 }, { toString: () => "secret" }])(
    "never equal a guess that is not a string: %j",
    (guess) => {
      expect(tokenAuthorizer("secret")({ auth_token: guess as never }, "", origin)).toBeUndefined();
      expect(
        userAuthorizer([{ user: "ann", password: "secret" }])({ user: "ann", pass: guess as never }, "", origin),
      ).toBeUndefined();
      expect(
        userAuthorizer([{ user: "ann", password: "secret" }])({ user: guess as never, pass: "secret" }, "", origin),
      ).toBeUndefined();
    },
  );
});

describe("a limit", () => {
  it("accepts a control line of exactly maxLine bytes, verb included", () => {
    for (const [length, known, answer] of [
      [4104, true, "PONG\r\n"],
      [4105, true, "-ERR 'maximum control line exceeded'\r\n"],
      [4104, false, ""],
      [4105, false, "-ERR 'maximum control line exceeded'\r\n"],
    ] as const) {
      const server = new ServerHarness({ authRequired: !known });
      const peer = known ? server.connect() : server.open();
      const line = known ? `SUB ${"a".repeat(900)} ` : 'CONNECT {"name":"';
      const end = known ? "\r\nPING\r\n" : '"}\r\n';
      const fill = length - line.length - (known ? 0 : 2);
      expect(server.exchange(peer, line + "1".repeat(fill) + end)).toBe(answer);
      expect(server.authorizations.length).toBe(!known && length === 4104 ? 1 : 0);
    }
  });

  it.each([
    ["a quote", '"'],
    ["a byte that is not UTF-8", "\xff"],
    ["a backslash", "\\"],
  ])("answers a line of 32,760 bytes with an -ERR that clients can read: %s", (_, character) => {
    const server = new ServerHarness({ authRequired: true, maxLine: 32_768, maxSubject: Number.POSITIVE_INFINITY });
    const peer = server.connect();
    server.core.authorized(peer, { permissions: { publish: { deny: [">"] }, subscribe: { deny: [">"] } } }, server.now);
    const name = character.repeat(16_370);
    for (const line of [
      `PUB ${name}${name} 0\r\n\r\n`,
      `PUB a ${name}${name} 0\r\n\r\n`,
      `SUB ${name} ${name} 7\r\n`,
    ]) {
      const [error = "", rest] = server.exchange(peer, `${line}PING\r\n`).split("\r\n");
      expect(error).toMatch(/^-ERR '/);
      expect(error.length).toBeLessThan(65_536);
      expect(rest).toBe("PONG");
    }
  });

  it("accepts a message of exactly maxPayload bytes, headers included", () => {
    const server = new ServerHarness();
    const [one, two] = [server.connect(), server.connect()];
    const most = 1_048_576;
    expect(server.exchange(one, `PUB a ${most}\r\n${"x".repeat(most)}\r\nPING\r\n`)).toBe("PONG\r\n");
    expect(server.exchange(one, `PUB a ${most + 1}\r\n`)).toBe("-ERR 'Maximum Payload Violation'\r\n");
    expect(server.exchange(two, `HPUB a 12 ${most + 1}\r\n`)).toBe("-ERR 'Maximum Payload Violation'\r\n");
  });

  it("accepts maxSubscriptions for each connection", () => {
    const server = new ServerHarness({ maxSubscriptions: 3 });
    const [one, two] = [server.connect(), server.connect()];
    expect(server.exchange(one, "SUB a 1\r\nSUB a 2\r\nSUB a 3\r\n")).toBe("");
    expect(server.exchange(one, "SUB a 4\r\n")).toBe("-ERR 'maximum subscriptions exceeded'\r\n");
    expect(server.exchange(one, "UNSUB 1\r\nSUB a 4\r\n")).toBe("");
    expect(server.exchange(two, "SUB a 1\r\n")).toBe("");
  });

  it.each([
    ["256 tokens", "a.".repeat(255), "too many tokens"],
    ["1,024 bytes", "a".repeat(1023), "too long"],
    ["1,024 bytes in UTF-8", `b${"\xc3\xa4".repeat(511)}`, "too long"],
  ])("accepts a subject of exactly %s", (_, almost, excess) => {
    const most = `${almost}a`;
    const more = excess === "too long" ? `${most}a` : `${most}.a`;
    const server = new ServerHarness({ maxTokens: 256, maxSubject: 1024 });
    const peer = server.connect();
    expect(server.exchange(peer, `SUB ${most} 1\r\nPUB ${most} 2\r\nok\r\n`)).toBe(`MSG ${most} 1 2\r\nok\r\n`);
    const answer = server.exchange(peer, `SUB ${more} 2\r\nPUB ${more} 0\r\n\r\nSUB >.${more} 3\r\nPING\r\n`);
    const refusals = answer.split("\r\n").slice(0, -2);
    expect(refusals.map((one) => one.slice(0, 47))).toEqual([
      expect.stringMatching(/^-ERR 'Permissions Violation for Subscription to/),
      expect.stringMatching(/^-ERR 'Permissions Violation for Publish to/),
      expect.stringMatching(/^-ERR 'Permissions Violation for Subscription to/),
    ]);
    for (const refusal of refusals) expect(refusal).toMatch(new RegExp(`", ${excess}'$`));
    expect(server.core.connection(peer)?.subscriptions.length).toBe(1);
  });

  it("of subjects and subscriptions is not set by default", () => {
    const server = new ServerHarness();
    const peer = server.connect();
    const deep = `${"a.".repeat(2000)}a`;
    server.send(peer, Array.from({ length: 65_537 }, (_, i) => `SUB a ${i}\r\n`).join(""));
    expect(server.exchange(peer, `SUB ${deep} x\r\nPUB ${deep} 0\r\n\r\n`)).toBe(`MSG ${deep} x 0\r\n\r\n`);
    expect(server.core.stats.subscriptions).toBe(65_538);
  });

  it("closes a client if more than maxPending bytes are pending", () => {
    for (const [size, isCut] of [
      [1000 - 15, false],
      [1000 - 14, true],
    ] as const) {
      const server = new ServerHarness({ maxPending: 1000 });
      const [slow, other] = [server.connect(), server.connect()];
      server.send(slow, "SUB a 1\r\n");
      const message = `PUB a ${size}\r\n${"x".repeat(size)}\r\n`;
      server.core.received(other, latin1(message), 0);
      expect(server.core.connection(slow)?.pending).toBe(size + 15);
      server.settle();
      expect(server.closeReason(slow)).toBe(isCut ? "slow" : undefined);
    }
    expect(defaults.maxPending).toBe(64 * 1_048_576);
  });

  it("is not lower than nats-server's by default", () => {
    const { maxConnections, maxPayload, maxLine, ...rest } = defaults;
    expect([maxConnections, maxPayload, maxLine]).toEqual([65_536, 1_048_576, "CONNECT ".length + 4096]);
    const infinite = Object.entries(rest).filter(([, value]) => value === Number.POSITIVE_INFINITY);
    expect(infinite.map(([name]) => name)).toEqual(["maxUnauthorized", "maxSubscriptions", "maxTokens", "maxSubject"]);
  });

  it("accepts subjects of a whole line, with any number of tokens", () => {
    const server = new ServerHarness({ maxLine: 32_768 });
    const peer = server.connect();
    const subject = `${"a.".repeat(16_000)}a`;
    expect(server.exchange(peer, `SUB ${subject} 1\r\nPUB ${subject} 0\r\n\r\n`)).toBe(`MSG ${subject} 1 0\r\n\r\n`);
    expect(server.exchange(peer, `UNSUB 1\r\nPUB ${subject} 0\r\n\r\nPING\r\n`)).toBe("PONG\r\n");
  });

  it("accepts maxConnections, and one more after one has left", () => {
    const server = new ServerHarness({ maxConnections: 2 });
    const [one] = [server.connect(), server.connect()];
    const third = server.open();
    expect(server.closeReason(third)).toBe("refused");
    server.core.lost(third, 0);
    server.core.lost(one!, 0);
    expect(server.exchange(server.open(), "PING\r\n")).toBe("PONG\r\n");
  });
});

describe("a relayed message", () => {
  it.each([
    ["pub\ta \t 0002 \nok\r\n", "MSG a 1 2\r\nok\r\n"],
    ["PUB a  r  000000002\r\nok\r\n", "MSG a 1 r 2\r\nok\r\n"],
    ["hpub a 012 00014\nNATS/1.0\r\n\r\nok\r\n", "HMSG a 1 12 14\r\nNATS/1.0\r\n\r\nok\r\n"],
    ["HPUB a 0 2\r\nok\r\n", "MSG a 1 2\r\nok\r\n"],
    ["PUB a\r 2\r\nok\r\n", ""],
    ["PUB a\xff 2\r\nok\r\n", ""],
    ["PUB a r\x7f 2\r\nok\r\n", ""],
    ["PUB a r..s 2\r\nok\r\n", ""],
    ["HPUB a 2 4\r\n\r\nok\r\n", ""],
  ])("is encoded again, never copied: %j → %j", (sent, received) => {
    const server = new ServerHarness();
    const [from, to] = [server.connect(), server.connect()];
    server.send(to, "SUB a 1\r\nSUB > q 1\r\n");
    expect(server.exchange(from, sent)).toMatch(received === "" ? /^-ERR '.*'\r\n$/ : /^$/);
    expect(server.read(to)).toBe(received);
    expect(server.closeReason(from)).toBeUndefined();
  });
});

describe("matching", () => {
  /** Returns how often a Map is read. */
  const countReads = (work: () => void): number => {
    const { get } = Map.prototype;
    let count = 0;
    Map.prototype.get = function (this: Map<unknown, unknown>, key: unknown) {
      count++;
      return get.call(this, key);
    };
    try {
      work();
    } finally {
      Map.prototype.get = get;
    }
    return count;
  };
  const deep = (tokens: number): string => Array.from({ length: tokens }, () => "a").join(".");

  it("costs at most twice as much for twice the tokens", () => {
    const tree = new SubjectTree<string>();
    for (const depth of [1, 2, 3, 32, 64, 128]) {
      for (const one of [deep(depth), deep(depth).replaceAll("a", "*"), `${deep(depth)}.>`, `*.${deep(depth)}`]) {
        tree.insert(one, one);
      }
    }
    const cost = (tokens: number): number => countReads(() => tree.match(deep(tokens), () => {}));
    const found: string[] = [];
    tree.match(deep(64), (one) => found.push(one));
    expect(found.every((one) => matches(one, deep(64)))).toBe(true);
    expect(cost(128)).toBeGreaterThan(128);
    expect(cost(128)).toBeLessThanOrEqual(2.1 * cost(64));
  });

  it("costs at most three look-ups for each token of the patterns", () => {
    // The worst case: every pattern matches, and no two share their last tokens.
    const tokens = 12;
    const patterns = Array.from({ length: 2 ** tokens }, (_, i) =>
      [...i.toString(2).padStart(tokens, "0")].map((bit) => (bit === "0" ? "a" : "*")).join("."),
    );
    const interest = new Interest({ inserts: 0, removes: 0, matches: 0, misses: 0 });
    const receiver = {
      subscriptions: new Map(),
      permissions: {},
      echo: true,
      closing: false,
      isModule: false,
      deliver: () => {},
    };
    const rest = { receiver, queue: undefined, delivered: 0, max: undefined, filtered: false };
    for (const [i, pattern] of patterns.entries()) interest.add({ ...rest, pattern, sid: String(i) });
    const nodes = new Set(patterns.flatMap((one) => one.split(".").map((_, i) => one.split(".", i + 1).join("."))))
      .size;
    const subject = deep(tokens);
    let found = 0;
    const first = countReads(() => (found = interest.receiversOf(subject).plain.length));
    expect(found).toBe(patterns.length);
    expect(first).toBeLessThanOrEqual(3 * (nodes + 1));
    expect(countReads(() => interest.receiversOf(subject))).toBe(1);
  });

  it("costs one look-up for a cached subject of any length", () => {
    const interest = new Interest({ inserts: 0, removes: 0, matches: 0, misses: 0 });
    const receiver = {
      subscriptions: new Map(),
      permissions: {},
      echo: true,
      closing: false,
      isModule: false,
      deliver: () => {},
    };
    const rest = { receiver, delivered: 0, max: undefined, filtered: false };
    interest.add({ ...rest, pattern: "*.>", queue: undefined, sid: "1" });
    interest.add({ ...rest, pattern: ">", queue: "q", sid: "2" });
    const cost = (tokens: number): number => {
      const first = interest.receiversOf(deep(tokens));
      expect([first.plain.length, first.groups.length]).toEqual([1, 1]);
      const again: unknown[] = [];
      const count = countReads(() => again.push(interest.receiversOf(deep(tokens))));
      expect(again).toEqual([first]);
      return count;
    };
    expect([cost(2), cost(100)]).toEqual([1, 1]);
  });
});

describe("an error", () => {
  it("of one client is not sent to another", () => {
    const server = new ServerHarness({ maxPending: 4000 });
    const good = server.connect();
    server.send(good, "SUB > 1\r\n");
    for (const says of [
      "X",
      "PUB a x\r\n",
      "PUB a 2\r\nokX",
      "PUB a..b 0\r\n\r\n",
      "PUB a 9999999\r\n",
      "SUB >.a 1\r\n",
      "HPUB a 5 5\r\nabcde\r\n",
      "UNSUB 1 x\r\n",
      "CONNECT []\r\n",
      "\0".repeat(5000),
    ]) {
      const bad = server.connect();
      server.send(bad, says);
      expect(server.read(good)).toBe("");
      server.core.lost(bad, 0);
    }
    expect(server.exchange(good, "PING\r\n")).toBe("PONG\r\n");
    expect(server.closeReason(good)).toBeUndefined();
  });

  it("of one receiver does not stop delivery to the others", () => {
    const core = new ServerCore({ random: () => {}, maxPending: 500 });
    const say = (peer: number, text: string): void => core.received(peer, latin1(text), 0);
    const peers = [0, 1, 2].map(() => core.opened(0));
    for (const peer of peers) say(peer, 'CONNECT {"verbose":false}\r\nSUB a 1\r\n');
    // The second and third read; the first does not.
    for (let i = 0; i < 50; i++) {
      for (const peer of peers.slice(1))
        for (const { length } of segmentsOf(() => core.transmit(peer))) core.released(peer, length);
      say(peers[2]!, "PUB a 10\r\n0123456789\r\n");
    }
    expect(core.stats).toMatchObject({ published: 50, slow: 1 });
    expect(peers.slice(1).map((peer) => core.connection(peer)?.delivered)).toEqual([50, 50]);
  });
});

describe("UNSUB", () => {
  it("ends the subscription if its max has more than 9 digits", () => {
    const server = new ServerHarness();
    const peer = server.connect();
    server.send(peer, "SUB a 1\r\n");
    expect(server.exchange(peer, "UNSUB 1 1234567890\r\nPUB a 0\r\n\r\nPING\r\n")).toBe("PONG\r\n");
    expect(server.core.connection(peer)?.subscriptions.length).toBe(0);
  });

  it.each(["x", "-1", "+1", "1.0", "1e1", "0x1", "123456789x", "\xb2"])(
    "closes the connection if its max has other characters than digits: %j",
    (max) => {
      const server = new ServerHarness();
      const [peer, other] = [server.connect(), server.connect()];
      server.send(peer, "SUB a 1\r\n");
      expect(server.exchange(peer, `UNSUB 1 ${max}\r\n`)).toBe("");
      expect(server.closeReason(peer)).toBe("protocol");
      expect(server.core.connection(peer)?.subscriptions.length).toBe(1);
      expect(server.exchange(other, "SUB a 1\r\nUNSUB 1 000000001\r\nPUB a 0\r\n\r\nPUB a 0\r\n\r\n")).toBe(
        "MSG a 1 0\r\n\r\n",
      );
    },
  );
});

describe("a nonce", () => {
  it("has 90 random bits, new for each connection", () => {
    const requested: number[] = [];
    const core = new ServerCore({
      authRequired: true,
      random: (into) => {
        requested.push(into.length);
        into.fill(requested.length);
      },
    });
    const nonces = [1, 2].map(() => {
      const peer = core.opened(0);
      const info = Buffer.from(core.transmit(peer)!).toString();
      return /"nonce":"([A-Za-z0-9_-]+)"/.exec(info)?.[1];
    });
    expect(nonces.map((nonce) => nonce?.length)).toEqual([15, 15]);
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(requested.slice(1)).toEqual([15, 15]);
  });
});

describe("a client", () => {
  it("is not served before its CONNECT is authorized", () => {
    const server = new ServerHarness({ authRequired: true });
    const [unauthorized, accepted] = [server.open(), server.open()];
    server.send(accepted, connect);
    server.core.authorized(accepted, {}, 0);
    server.send(accepted, "SUB > 1\r\n");
    expect(server.exchange(unauthorized, "PUB a 0\r\n\r\n")).toBe(violation);
    const pending = server.open();
    expect(server.exchange(pending, `${connect}SUB > 1\r\nPUB a 0\r\n\r\nPING\r\n`)).toBe("");
    expect(server.exchange(accepted, "PUB b 0\r\n\r\n")).toBe("MSG b 1 0\r\n\r\n");
    server.core.authorized(pending, undefined, 0);
    expect([server.read(pending), server.read(accepted)]).toEqual([violation, ""]);
  });
});
