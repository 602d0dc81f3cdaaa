// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { origin } from "../../../../tools/testkit/origin.ts";
import { userAuthorizer } from "../../src/index.ts";
import { ServerHarness } from "../server-harness.ts";

const violation = "-ERR 'Authorization Violation'\r\n";
const connect = 'CONNECT {"auth_token":"t","verbose":false}\r\n';
const required = { authRequired: true, authTimeout: 2000, pingInterval: 120_000 };

describe("a server that requires credentials", () => {
  it("sends auth_required and a new nonce in the INFO of each connection", () => {
    let next = 0;
    const server = new ServerHarness({
      ...required,
      random: (into) => into.set(Array.from(into, () => next++ & 255)),
    });
    const infos = [1, 2].map(() => {
      const peer = server.core.opened(0);
      return JSON.parse(server.read(peer).replace(/^INFO |\r\n$/g, ""));
    });
    expect(infos[0]).toMatchObject({ auth_required: true, nonce: expect.stringMatching(/^[A-Za-z0-9_-]{15}$/) });
    expect(infos[0].nonce).not.toBe(infos[1].nonce);
    const open = new ServerHarness();
    const peer = open.core.opened(0);
    expect(open.read(peer)).not.toMatch(/auth_required|nonce/);
  });

  it("asks for authorization, and reads on after it", () => {
    const server = new ServerHarness(required);
    const peer = server.open();
    expect(server.exchange(peer, `${connect}SUB a 1\r\nPUB a 1\r\nx\r\nPI`)).toBe("");
    expect(server.authorizations).toEqual([
      { do: "authorize", connection: peer, options: { auth_token: "t", verbose: false }, nonce: "A".repeat(15) },
    ]);
    expect(server.exchange(peer, "NG\r\n")).toBe("");
    server.core.authorized(peer, {}, 0);
    expect(server.read(peer)).toBe("MSG a 1 1\r\nx\r\nPONG\r\n");
    server.advance(60_000);
    expect(server.closeReason(peer)).toBeUndefined();
  });

  it("sends +OK after authorization if the client is verbose", () => {
    const server = new ServerHarness(required);
    const peer = server.open();
    expect(server.exchange(peer, "CONNECT {}\r\n")).toBe("");
    server.core.authorized(peer, {}, 0);
    expect(server.read(peer)).toBe("+OK\r\n");
  });

  it("rejects a client without a grant or with an invalid one", () => {
    for (const [grant, detail] of [
      [undefined, "wrong credentials"],
      [
        { permission: { publish: { allow: [] } } } as object,
        'invalid grant: unknown field "permission"; did you mean "permissions"?',
      ],
      [
        { permissions: { publish: { deny: ["a..b"] } } },
        'invalid grant: permissions.publish.deny[0] must be a valid subject or pattern, not "a..b"',
      ],
    ] as const) {
      const server = new ServerHarness(required);
      const peer = server.open();
      server.send(peer, `${connect}PING\r\n`);
      server.core.authorized(peer, grant, 0);
      expect([server.read(peer), server.closeReason(peer)]).toEqual([violation, "auth"]);
      expect(server.closeDetail(peer)).toBe(detail);
    }
  });

  it.each([
    ['"protocol":7', "-ERR 'invalid client protocol'\r\n"],
    ['"no_responders":true', "-ERR 'no responders requires headers support'\r\n"],
    ['"account":"A"', violation],
    ['"new_account":true', violation],
  ])("rejects %s only after the credentials were accepted", (field, refusal) => {
    const server = new ServerHarness({ ...required, maxUnauthorized: 1 });
    for (const [grant, answer] of [
      [undefined, violation],
      [{}, refusal],
    ] as const) {
      const peer = server.open();
      server.send(peer, `CONNECT {"auth_token":"t",${field}}\r\nPING\r\n`);
      server.core.authorized(peer, grant, 0);
      expect(server.read(peer)).toBe(answer);
      expect(server.closeReason(peer)).toBeDefined();
      server.core.lost(peer, 0);
    }
    // Both have disconnected: one more unauthorized connection is accepted.
    expect(server.closeReason(server.open())).toBeUndefined();
  });

  it("accepts an empty account in CONNECT", () => {
    const server = new ServerHarness();
    expect(server.exchange(server.open(), 'CONNECT {"account":"","new_account":false}\r\n')).toBe("+OK\r\n");
    expect(server.exchange(server.open(), 'CONNECT {"account":null,"new_account":null}\r\n')).toBe("+OK\r\n");
  });

  it.each(["PING\r\n", "PONG\r\n", "SUB a 1\r\n", "PUB a 0\r\n\r\n", "UNSUB 1\r\n"])(
    "rejects %j before CONNECT",
    (says) => {
      const server = new ServerHarness(required);
      const peer = server.open();
      expect([server.exchange(peer, says), server.closeReason(peer)]).toEqual([violation, "auth"]);
    },
  );

  it("times out if the client or the authorizer is too slow", () => {
    const server = new ServerHarness(required);
    const silent = server.open();
    const pending = server.open();
    const good = server.open();
    for (const peer of [pending, good]) server.send(peer, connect);
    server.core.authorized(good, {}, 0);
    server.advance(1999);
    expect(server.closeReason(silent)).toBeUndefined();
    server.advance(1);
    for (const peer of [silent, pending]) {
      expect([server.read(peer), server.closeReason(peer)]).toEqual(["-ERR 'Authentication Timeout'\r\n", "auth"]);
    }
    server.core.authorized(pending, {}, 2000);
    expect(server.read(pending)).toBe("");
    expect(server.closeReason(good)).toBeUndefined();
  });

  it("rejects a second CONNECT", () => {
    const server = new ServerHarness(required);
    const peer = server.open();
    server.send(peer, connect + connect);
    server.core.authorized(peer, {}, 0);
    expect([server.read(peer), server.closeReason(peer), server.authorizations.length]).toEqual([
      "-ERR 'Unknown Protocol Operation'\r\n",
      "refused",
      1,
    ]);
  });

  it("reads all that follows CONNECT after it is authorized", () => {
    const server = new ServerHarness(required);
    const peer = server.open();
    server.send(peer, connect);
    for (let i = 0; i < 20; i++) server.send(peer, "PING\r\n".repeat(10_000));
    expect(server.read(peer)).toBe("");
    server.core.authorized(peer, {}, 0);
    expect(server.read(peer).split("PONG\r\n").length).toBe(200_001);
  });

  it("starts authTimeout after the TLS handshake", () => {
    const server = new ServerHarness(required);
    const peer = server.core.opened(0, { when: "required", verify: false });
    server.advance(60_000);
    expect(server.closeReason(peer)).toBeUndefined();
    server.core.secured(peer, server.now);
    server.advance(1999);
    expect(server.closeReason(peer)).toBeUndefined();
    server.advance(1);
    expect(server.closeReason(peer)).toBe("auth");
    server.core.secured(peer, server.now);
    server.core.secured(999, server.now);
  });

  it.each([0, 1, 5000])("is closed %d ms after its authorization if that expires then", (expires) => {
    const server = new ServerHarness(required);
    const peer = server.connect();
    server.advance(100);
    server.core.authorized(peer, { expires }, server.now);
    if (expires > 0) {
      server.advance(expires - 1);
      expect(server.exchange(peer, "PING\r\n")).toBe("PONG\r\n");
    }
    server.advance(1);
    expect(server.read(peer)).toBe("-ERR 'User Authentication Expired'\r\n");
    expect(server.closeReason(peer)).toBe("auth");
  });

  it.each([-1, Number.NaN, "1"])("is denied if its grant expires after %j", (expires) => {
    const server = new ServerHarness(required);
    const peer = server.connect();
    server.core.authorized(peer, { expires: expires as never }, 0);
    server.settle();
    expect(server.closeDetail(peer)).toMatch("expires must be a number of milliseconds");
  });

  it("keeps at most maxUnauthorized unauthorized connections", () => {
    const server = new ServerHarness({ ...required, maxUnauthorized: 2 });
    const first = server.open();
    server.open();
    const third = server.open();
    expect(server.closeReason(third)).toBe("refused");
    server.core.lost(third, 0);
    server.send(first, connect);
    server.core.authorized(first, {}, 0);
    const fourth = server.open();
    expect(server.closeReason(fourth)).toBeUndefined();
    server.core.lost(fourth, 0);
    expect(server.closeReason(server.open())).toBeUndefined();
    expect(server.closeReason(server.open())).toBe("refused");
  });

  it("ignores a grant for a client that is gone or did not ask", () => {
    const server = new ServerHarness(required);
    const peer = server.open();
    server.core.authorized(peer, {}, 0);
    expect(server.exchange(peer, "PING\r\n")).toBe(violation);
    const gone = server.open();
    server.send(gone, connect);
    server.core.lost(gone, 0);
    server.core.authorized(gone, {}, 0);
    expect(server.core.stats.connections).toBe(1);
  });
});

describe("an unauthorized client", () => {
  it.each([Number.POSITIVE_INFINITY, undefined])(
    "is never accepted without a grant (authTimeout: %s)",
    (authTimeout) => {
      const server = new ServerHarness({ ...required, authTimeout: authTimeout as number });
      const peer = server.open();
      expect(server.exchange(peer, `${connect}PING\r\n`)).toBe("");
      expect(server.authorizations.length).toBe(1);
      expect(server.exchange(server.open(), "PING\r\n")).toBe(violation);
    },
  );

  it.each([
    null,
    false,
    true,
    1,
    "yes",
    { permissions: null },
    { permissions: { publish: { allow: "a" } } },
    { permissions: { publish: null } },
  ])("is denied if the authorizer returns %j", (answer) => {
    const server = new ServerHarness(required);
    const peer = server.open();
    server.send(peer, connect);
    server.core.authorized(peer, answer as never, 0);
    expect([server.read(peer), server.closeReason(peer)]).toEqual([violation, "auth"]);
  });

  it("is denied if it names an unknown user", () => {
    const known = userAuthorizer([{ user: "bob", password: "pw" }]);
    for (const pass of ["", "\0", "undefined"]) expect(known({ user: "ann", pass }, "", origin)).toBeUndefined();
  });

  it("is rejected at the first byte if it does not start CONNECT", () => {
    for (const [says, refused] of [
      ["P", true],
      [" ", true],
      ["c", false],
      ["C", false],
    ] as const) {
      const server = new ServerHarness(required);
      const peer = server.open();
      server.send(peer, "");
      expect([server.exchange(peer, says), server.closeReason(peer)]).toEqual(
        refused ? [violation, "auth"] : ["", undefined],
      );
    }
  });

  it("is not stale while its authorization is pending", () => {
    const server = new ServerHarness({ ...required, pingInterval: 1000, authTimeout: 60_000 });
    const peer = server.open();
    server.send(peer, connect);
    server.advance(10_000);
    expect([server.read(peer), server.closeReason(peer)]).toEqual(["", undefined]);
  });
});

describe("a client with permissions", () => {
  it("is sent an escaped queue name if it is not UTF-8", () => {
    const server = new ServerHarness(required);
    const peer = server.open();
    server.send(peer, connect);
    server.core.authorized(peer, { permissions: { subscribe: { deny: ["secret"] } } }, 0);
    expect(server.exchange(peer, "SUB secret q\xff 1\r\n")).toBe(
      `-ERR 'Permissions Violation for Subscription to "secret" using queue "q\\xff"'\r\n`,
    );
  });

  it("receives status 503 on a denied subject, as from nats-server", () => {
    const server = new ServerHarness(required);
    const peer = server.open();
    server.send(peer, connect.replace("}", ',"headers":true,"no_responders":true}'));
    server.core.authorized(peer, { permissions: { subscribe: { deny: ["inbox.secret"] } } }, 0);
    server.send(peer, "SUB inbox.* 1\r\n");
    expect(server.exchange(peer, "PUB a inbox.secret 0\r\n\r\n")).toMatch(/^HMSG inbox.secret 1 /);
    expect(server.exchange(peer, "PUB a inbox.open 0\r\n\r\n")).toMatch(/^HMSG inbox.open 1 /);
  });
});
