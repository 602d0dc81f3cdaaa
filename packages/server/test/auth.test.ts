// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { tokenAuthorizer, userAuthorizer } from "../src/index.ts";
import { CoreHarness } from "./core-harness.ts";

const violation = "-ERR 'Authorization Violation'\r\n";
const connect = 'CONNECT {"auth_token":"t","verbose":false}\r\n';
const required = { authRequired: true, authTimeout: 2000, pingInterval: 120_000 };

describe("a server that wants credentials", () => {
  it("says so in INFO, with something to sign that is another one for each connection", () => {
    let next = 0;
    const session = new CoreHarness({ ...required, random: (into) => into.set(Array.from(into, () => next++ & 255)) });
    const infos = [1, 2].map(() => {
      const peer = session.core.opened(0);
      return JSON.parse(session.receive(peer).replace(/^INFO |\r\n$/g, ""));
    });
    expect(infos[0]).toMatchObject({ auth_required: true, nonce: expect.stringMatching(/^[A-Za-z0-9_-]{15}$/) });
    expect(infos[0].nonce).not.toBe(infos[1].nonce);
    const open = new CoreHarness();
    const peer = open.core.opened(0);
    expect(open.receive(peer)).not.toMatch(/auth_required|nonce/);
  });

  it("asks for a verdict and reads on when it is there", () => {
    const session = new CoreHarness(required);
    const peer = session.open();
    expect(session.exchange(peer, `${connect}SUB a 1\r\nPUB a 1\r\nx\r\nPI`)).toBe("");
    expect(session.asks).toEqual([
      { do: "authorize", connection: peer, options: { auth_token: "t", verbose: false }, nonce: "A".repeat(15) },
    ]);
    expect(session.exchange(peer, "NG\r\n")).toBe("");
    session.core.authorized(peer, {}, 0);
    expect(session.receive(peer)).toBe("MSG a 1 1\r\nx\r\nPONG\r\n");
    session.advance(60_000);
    expect(session.closed(peer)).toBeUndefined();
  });

  it("says +OK once the verdict is there, where the client asked for it", () => {
    const session = new CoreHarness(required);
    const peer = session.open();
    expect(session.exchange(peer, "CONNECT {}\r\n")).toBe("");
    session.core.authorized(peer, {}, 0);
    expect(session.receive(peer)).toBe("+OK\r\n");
  });

  it("turns away who is not granted, and who brings rules that are no patterns", () => {
    for (const grant of [undefined, { permissions: { publish: { deny: ["a..b"] } } }]) {
      const session = new CoreHarness(required);
      const peer = session.open();
      session.send(peer, `${connect}PING\r\n`);
      session.core.authorized(peer, grant, 0);
      expect([session.receive(peer), session.closed(peer)]).toEqual([violation, "auth"]);
    }
  });

  it.each([
    ['"protocol":7', "-ERR 'invalid client protocol'\r\n"],
    ['"no_responders":true', "-ERR 'no responders requires headers support'\r\n"],
    ['"account":"A"', violation],
    ['"new_account":true', violation],
  ])("looks at %s behind the credentials only", (field, refusal) => {
    const session = new CoreHarness({ ...required, maxUnauthorized: 1 });
    for (const [grant, answer] of [
      [undefined, violation],
      [{}, refusal],
    ] as const) {
      const peer = session.open();
      session.send(peer, `CONNECT {"auth_token":"t",${field}}\r\nPING\r\n`);
      session.core.authorized(peer, grant, 0);
      expect(session.receive(peer)).toBe(answer);
      expect(session.closed(peer)).toBeDefined();
      session.core.lost(peer, 0);
    }
    // Both have left: there is room for one more that is not known yet.
    expect(session.closed(session.open())).toBeUndefined();
  });

  it("takes an account that is none", () => {
    const session = new CoreHarness();
    expect(session.exchange(session.open(), 'CONNECT {"account":"","new_account":false}\r\n')).toBe("+OK\r\n");
    expect(session.exchange(session.open(), 'CONNECT {"account":null,"new_account":null}\r\n')).toBe("+OK\r\n");
  });

  it.each(["PING\r\n", "PONG\r\n", "SUB a 1\r\n", "PUB a 0\r\n\r\n", "UNSUB 1\r\n"])(
    "does not take %j before CONNECT",
    (says) => {
      const session = new CoreHarness(required);
      const peer = session.open();
      expect([session.exchange(peer, says), session.closed(peer)]).toEqual([violation, "auth"]);
    },
  );

  it("gives nobody more than the time for it, be it the client or who looks at its credentials", () => {
    const session = new CoreHarness(required);
    const silent = session.open();
    const asked = session.open();
    const good = session.open();
    for (const peer of [asked, good]) session.send(peer, connect);
    session.core.authorized(good, {}, 0);
    session.advance(1999);
    expect(session.closed(silent)).toBeUndefined();
    session.advance(1);
    for (const peer of [silent, asked]) {
      expect([session.receive(peer), session.closed(peer)]).toEqual(["-ERR 'Authentication Timeout'\r\n", "auth"]);
    }
    session.core.authorized(asked, {}, 2000);
    expect(session.receive(asked)).toBe("");
    expect(session.closed(good)).toBeUndefined();
  });

  it("takes a second CONNECT for what it is, then as now", () => {
    const session = new CoreHarness(required);
    const peer = session.open();
    session.send(peer, connect + connect);
    session.core.authorized(peer, {}, 0);
    expect([session.receive(peer), session.closed(peer), session.asks.length]).toEqual([
      "-ERR 'Unknown Protocol Operation'\r\n",
      "refused",
      1,
    ]);
  });

  it("does not keep more than 64 KiB of a client it does not know", () => {
    const session = new CoreHarness(required);
    const peer = session.open();
    session.send(peer, connect);
    session.send(peer, "PING\r\n".repeat(10_922));
    expect(session.closed(peer)).toBeUndefined();
    session.send(peer, "PING\r\n");
    expect(session.closed(peer)).toBe("auth");
  });

  it("does not keep more clients it does not know than it was told", () => {
    const session = new CoreHarness({ ...required, maxUnauthorized: 2 });
    const first = session.open();
    session.open();
    const third = session.open();
    expect(session.closed(third)).toBe("refused");
    session.core.lost(third, 0);
    session.send(first, connect);
    session.core.authorized(first, {}, 0);
    const fourth = session.open();
    expect(session.closed(fourth)).toBeUndefined();
    session.core.lost(fourth, 0);
    expect(session.closed(session.open())).toBeUndefined();
    expect(session.closed(session.open())).toBe("refused");
  });

  it("needs no verdict of a client that is gone, or was not asked about", () => {
    const session = new CoreHarness(required);
    const peer = session.open();
    session.core.authorized(peer, {}, 0);
    expect(session.exchange(peer, "PING\r\n")).toBe(violation);
    const gone = session.open();
    session.send(gone, connect);
    session.core.lost(gone, 0);
    session.core.authorized(gone, {}, 0);
    expect(session.core.stats.connections).toBe(1);
  });
});

describe("nobody is let in", () => {
  it.each([Number.POSITIVE_INFINITY, undefined])("unasked, where the time for it is %s", (authTimeout) => {
    const session = new CoreHarness({ ...required, authTimeout: authTimeout as number });
    const peer = session.open();
    expect(session.exchange(peer, `${connect}PING\r\n`)).toBe("");
    expect(session.asks.length).toBe(1);
    expect(session.exchange(session.open(), "PING\r\n")).toBe(violation);
  });

  it.each([
    null,
    false,
    true,
    1,
    "yes",
    { permissions: null },
    { permissions: { publish: { allow: "a" } } },
    { permissions: { publish: null } },
  ])("by an authorizer that answers %j", (answer) => {
    const session = new CoreHarness(required);
    const peer = session.open();
    session.send(peer, connect);
    session.core.authorized(peer, answer as never, 0);
    expect([session.receive(peer), session.closed(peer)]).toEqual([violation, "auth"]);
  });

  it("with a password that was left out", () => {
    const known = userAuthorizer([{ user: "bob" } as never]);
    for (const pass of ["", "\0", "undefined"]) expect(known({ user: "bob", pass }, "")).toBeUndefined();
  });

  it("who begins with anything but CONNECT, at the first byte", () => {
    for (const [says, refused] of [
      ["P", true],
      [" ", true],
      ["c", false],
      ["C", false],
    ] as const) {
      const session = new CoreHarness(required);
      const peer = session.open();
      session.send(peer, "");
      expect([session.exchange(peer, says), session.closed(peer)]).toEqual(
        refused ? [violation, "auth"] : ["", undefined],
      );
    }
  });

  it("is called stale while its answer waits to be read", () => {
    const session = new CoreHarness({ ...required, pingInterval: 1000, authTimeout: 60_000 });
    const peer = session.open();
    session.send(peer, connect);
    session.advance(10_000);
    expect([session.receive(peer), session.closed(peer)]).toEqual(["", undefined]);
  });
});

describe("a client with permissions", () => {
  it("gets an answer to a name that is no UTF-8", () => {
    const session = new CoreHarness(required);
    const peer = session.open();
    session.send(peer, connect);
    session.core.authorized(peer, { permissions: { subscribe: { deny: ["secret"] } } }, 0);
    expect(session.exchange(peer, "SUB secret q\xff 1\r\n")).toBe(
      `-ERR 'Permissions Violation for Subscription to "secret" using queue "q\\xff"'\r\n`,
    );
  });

  it("is not told of no responders where it must not hear", () => {
    const session = new CoreHarness(required);
    const peer = session.open();
    session.send(peer, connect.replace("}", ',"headers":true,"no_responders":true}'));
    session.core.authorized(peer, { permissions: { subscribe: { deny: ["inbox.secret"] } } }, 0);
    session.send(peer, "SUB inbox.* 1\r\n");
    expect(session.exchange(peer, "PUB a inbox.secret 0\r\n\r\n")).toBe("");
    expect(session.exchange(peer, "PUB a inbox.open 0\r\n\r\n")).toMatch(/^HMSG inbox.open 1 /);
  });
});

it("a line may be no longer than clients can be sent, whatever the limit", () => {
  const session = new CoreHarness({ maxLine: 200_000, maxSubject: 200_000 });
  const [one, two] = [session.quiet(), session.quiet()];
  session.send(one, `SUB > ${"1".repeat(32_000)}\r\n`);
  session.send(two, `PUB ${"a".repeat(32_000)} 0\r\n\r\n`);
  expect(session.receive(one).length).toBeGreaterThan(64_000);
  session.send(one, `SUB > ${"1".repeat(33_000)}\r\n`);
  expect(session.closed(one)).toBe("protocol");
});

describe("who is let in", () => {
  it.each([
    [{ auth_token: "secret" }, true],
    [{ auth_token: "secre" }, false],
    [{ auth_token: "secrets" }, false],
    [{ auth_token: "secretsecret" }, false],
    [{ auth_token: "Secret" }, false],
    [{ auth_token: "" }, false],
    [{}, false],
    [{ user: "secret" }, false],
  ])("with the token: %j %s", (options, expected) => {
    expect(tokenAuthorizer("secret")(options, "") !== undefined).toBe(expected);
  });

  it.each([
    [{ user: "a", pass: "1" }, "first"],
    [{ user: "b", pass: "2" }, "second"],
    [{ user: "a", pass: "2" }, undefined],
    [{ user: "a" }, undefined],
    [{ pass: "1" }, undefined],
    [{ user: "c", pass: "\0" }, undefined],
    [{ user: "a", pass: "3" }, undefined],
  ])("with name and password: %j", (options, expected) => {
    const known = [
      { user: "a", password: "1", permissions: { publish: { allow: ["first"] } } },
      { user: "b", password: "2", permissions: { publish: { allow: ["second"] } } },
      { user: "a", password: "3", permissions: { publish: { allow: ["third"] } } },
    ];
    const grant = userAuthorizer(known)(options, "") as (typeof known)[0] | undefined;
    expect(grant?.permissions.publish.allow[0]).toBe(expected);
  });

  it("is not told by rules that are no patterns", () => {
    const permissions = { subscribe: { deny: ["a..b"] } };
    expect(() => tokenAuthorizer("t", { permissions })).toThrow(expect.objectContaining({ code: "BAD_SUBJECT" }));
    expect(() => userAuthorizer([{ user: "a", password: "b", permissions }])).toThrow("a..b");
  });
});
