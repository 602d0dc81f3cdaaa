// SPDX-License-Identifier: Apache-2.0
// Messages that the server itself answers or holds back. tools/parity compares the same with nats-server.
import { describe, expect, it } from "vitest";
import type { Grant } from "../src/index.ts";
import { ServerHarness } from "./server-harness.ts";

describe("$SYS.REQ.USER.INFO", () => {
  const ask = "SUB in 1\r\nPUB $SYS.REQ.USER.INFO in 0\r\n\r\n";

  /** Returns the answer to a client with these credentials in CONNECT, and this grant. */
  const answerTo = (grant: Grant, credentials = ""): { server: object; data: object } => {
    const server = new ServerHarness({ authRequired: true, serverName: "日ü" });
    const peer = server.connect(credentials);
    server.core.authorized(peer, grant, 0);
    return JSON.parse(server.exchange(peer, ask).split("\r\n")[1]!);
  };

  it("is answered with the server's name and version", () => {
    expect(answerTo({}).server).toEqual({
      name: "日ü",
      host: "127.0.0.1",
      id: expect.stringMatching(/^N[A-Z2-7]{55}$/),
      ver: "2.14.0",
      jetstream: false,
      flags: 0,
    });
  });

  it.each<[Grant, string, object]>([
    [{}, "", { user: "", account: "$G", account_name: "$G" }],
    [{ account: "A" }, ',"user":"ann","pass":"x"', { user: "ann", account: "A", account_name: "A" }],
    [{ user: "bob" }, ',"user":"ann"', { user: "bob", account: "$G", account_name: "$G" }],
    [{}, ',"nkey":"UA","user":"ann"', { user: "UA", account: "$G", account_name: "$G" }],
    [{}, ',"auth_token":"s3cret"', { user: "[REDACTED]", account: "$G", account_name: "$G" }],
    [
      { permissions: {} },
      "",
      { user: "", account: "$G", account_name: "$G", permissions: { publish: {}, subscribe: {} } },
    ],
    [
      {
        permissions: {
          publish: { allow: ["$SYS.>"], deny: [] },
          subscribe: { allow: ["in", "jobs workers"], deny: ["no"] },
          allowResponses: { max: Number.POSITIVE_INFINITY, expires: 1 },
        },
      },
      "",
      {
        user: "",
        account: "$G",
        account_name: "$G",
        permissions: {
          publish: { allow: ["$SYS.>"] },
          subscribe: { allow: ["in", "jobs"], deny: ["no"] },
          responses: { max: -1, ttl: 1_000_000 },
        },
      },
    ],
  ])("is answered with the user, the account and the permissions: %j", (grant, credentials, data) => {
    expect(answerTo(grant, credentials).data).toEqual(data);
  });

  it("is answered to clients without echo, and only with a reply subject", () => {
    const server = new ServerHarness();
    const peer = server.connect(',"echo":false');
    expect(server.exchange(peer, ask)).toMatch(/^MSG in 1 \d+\r\n\{/);
    expect(server.exchange(peer, "PUB $SYS.REQ.USER.INFO 0\r\n\r\n")).toBe("");
  });

  it("is not answered if the client may not publish to it, or in 2.9", () => {
    const denied = new ServerHarness({ authRequired: true });
    const peer = denied.connect();
    denied.core.authorized(peer, { permissions: { publish: { deny: ["$SYS.>"] } } }, 0);
    expect(denied.exchange(peer, ask)).toMatch(/^-ERR 'Permissions Violation/);
    const old = new ServerHarness({ compat: "2.9" });
    expect(old.exchange(old.connect(), ask)).toBe("");
  });
});

describe("a message that is only traced", () => {
  const traced = (...lines: readonly string[]): string => {
    const block = `NATS/1.0\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
    return `HPUB a ${block.length} ${block.length + 2}\r\n${block}hi\r\n`;
  };

  it.each([
    [["Nats-Trace-Dest: t", "Nats-Trace-Only: true"], false],
    [["Nats-Trace-Only:ON", "Nats-Trace-Dest:t"], false],
    [["Odd", "A: b", "Nats-Trace-Dest: t", "Nats-Trace-Only: 1"], false],
    [["Nats-Trace-Dest: t", "Nats-Trace-Only: no"], true],
    [["Nats-Trace-Dest: t", "Nats-Trace-Only: untrue"], true],
    [["Nats-Trace-Dest: t", "Nats-Trace-Only: 10"], true],
    [["Nats-Trace-Dest: t"], true],
    [["Nats-Trace-Only: true"], true],
    [["Nats-Trace-Dest: trace disabled", "Nats-Trace-Only: true"], true],
    [["nats-trace-dest: t", "Nats-Trace-Only: true"], true],
    [["Trace-Dest: t", "Xats-Trace-Only: true"], true],
  ])("is not delivered to a client or the program: %j → delivered: %s", (lines, delivered) => {
    const server = new ServerHarness();
    const peer = server.connect();
    server.core.subscribe("a");
    server.send(peer, "SUB a 1\r\n");
    expect(server.exchange(peer, traced(...lines)).startsWith("HMSG a 1")).toBe(delivered);
    expect(server.delivered.length).toBe(delivered ? 1 : 0);
    expect(server.core.stats).toMatchObject({ published: 1, delivered: delivered ? 2 : 0 });
  });

  it("is rejected if its publisher may not publish to the destination", () => {
    const server = new ServerHarness({ authRequired: true });
    const peer = server.connect();
    server.core.authorized(peer, { permissions: { publish: { deny: ["t"] } } }, 0);
    expect(server.exchange(peer, traced("Nats-Trace-Dest: t"))).toBe(
      `-ERR 'Permissions Violation for Publish to "t"'\r\n`,
    );
  });

  it("is rejected if its header block is malformed", () => {
    const server = new ServerHarness();
    const block = "XATS/1.0\r\nNats-Trace-Dest: t\r\n\r\n";
    const frame = `HPUB a ${block.length} ${block.length}\r\n${block}\r\n`;
    expect(server.exchange(server.connect(), frame)).toContain("malformed header block");
  });

  // Each row: what others subscribed with, and whether the publisher gets the status 503.
  it.each([
    ["nothing", [], true],
    ["another subject", ["SUB b 1\r\n"], true],
    ["the subject", ["SUB b 1\r\n", "SUB a 1\r\n"], false],
    ["a queue group", ["SUB a q 1\r\n"], false],
  ])("has no responders if others subscribed to nothing: %s", (_, subscriptions, isMissing) => {
    const server = new ServerHarness();
    for (const line of subscriptions) server.send(server.connect(), line);
    const publisher = server.connect(',"no_responders":true,"echo":false');
    server.send(publisher, "SUB in 1\r\nSUB a 2\r\nSUB a q 3\r\n");
    const block = "NATS/1.0\r\nNats-Trace-Dest: t\r\nNats-Trace-Only: 1\r\n\r\n";
    const answer = server.exchange(publisher, `HPUB a in ${block.length} ${block.length}\r\n${block}\r\n`);
    expect(answer.startsWith("HMSG in 1")).toBe(isMissing);
  });

  it("has no responders if the only subscription may not receive the subject", () => {
    const server = new ServerHarness({ authRequired: true });
    const [listener, publisher] = [server.connect(), server.connect(',"no_responders":true')];
    server.core.authorized(listener, { permissions: { subscribe: { deny: ["a.secret"] } } }, 0);
    server.core.authorized(publisher, {}, 0);
    server.send(listener, "SUB a.* 1\r\n");
    server.send(publisher, "SUB in 1\r\n");
    const block = "NATS/1.0\r\nNats-Trace-Dest: t\r\nNats-Trace-Only: 1\r\n\r\n";
    const ask = (subject: string): string =>
      server.exchange(publisher, `HPUB ${subject} in ${block.length} ${block.length}\r\n${block}\r\n`);
    expect(ask("a.secret")).toMatch(/^HMSG in 1/);
    expect(ask("a.open")).toBe("");
  });
});
