// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ServerHarness } from "./server-harness.ts";

const info = (text: string): Record<string, unknown> => JSON.parse(text.replace(/^(PONG\r\n)?INFO |\r\n$/g, ""));
const later = 'CONNECT {"verbose":false,"protocol":1}\r\n';

describe("advertised servers", () => {
  it("are sent to clients of protocol 1 after their first PONG", () => {
    const server = new ServerHarness();
    const [ready, waiting, old, silent] = [server.open(), server.open(), server.open(), server.open()] as const;
    server.exchange(ready, `${later}PING\r\n`);
    server.exchange(waiting, later);
    server.exchange(old, 'CONNECT {"verbose":false}\r\nPING\r\n');
    server.core.advertise(["10.0.0.1:4222", "[::1]:4222"], 0);
    const urls = { connect_urls: ["10.0.0.1:4222", "[::1]:4222"] };
    expect(info(server.read(ready))).toMatchObject(urls);
    expect([server.read(waiting), server.read(old), server.read(silent)]).toEqual(["", "", ""]);
    const answer = server.exchange(waiting, "PING\r\n");
    expect(answer).toMatch(/^PONG\r\nINFO /);
    expect(info(answer)).toMatchObject(urls);
    expect(server.exchange(waiting, "PING\r\n")).toBe("PONG\r\n");
    expect(server.exchange(silent, 'CONNECT {"verbose":false}\r\nPING\r\n')).toBe("PONG\r\n");
  });

  it("are in the first INFO of later clients, and replace earlier ones", () => {
    const server = new ServerHarness();
    server.core.advertise(["a:1"], 0);
    const peer = server.core.opened(0);
    expect(info(server.read(peer))).toMatchObject({ connect_urls: ["a:1"] });
    server.send(peer, `${later}PING\r\n`);
    server.read(peer);
    server.core.advertise([], 0);
    expect(info(server.read(peer))).toMatchObject({ connect_urls: [] });
  });

  it("reach a client that was sent its first INFO before them", () => {
    const server = new ServerHarness({ authRequired: true });
    const [late, asked] = [server.open(), server.open()];
    server.send(asked, `${later}PING\r\n`);
    server.core.advertise(["a:1"], 0);
    server.send(late, `${later}PING\r\n`);
    for (const peer of [late, asked]) {
      server.core.authorized(peer, {}, 0);
      const answer = server.read(peer);
      expect(answer).toMatch(/^PONG\r\nINFO /);
      expect(info(answer)).toMatchObject({ connect_urls: ["a:1"] });
    }
  });

  it("throw and are not sent if INFO cannot carry them", () => {
    const server = new ServerHarness();
    const peer = server.open();
    server.exchange(peer, `${later}PING\r\n`);
    const many = Array.from({ length: 50_000 }, (_, i) => `some-long-name-${i}.example.org:4222`);
    expect(() => server.core.advertise(many, 0)).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
    expect(() => server.core.advertise([1] as never, 0)).toThrow(expect.objectContaining({ code: "BAD_FIELD" }));
    expect(server.read(peer)).toBe("");
    expect(info(server.read(server.core.opened(0)))).not.toHaveProperty("connect_urls");
  });

  it("are sent without a nonce", () => {
    const server = new ServerHarness({ authRequired: true });
    const peer = server.open();
    server.send(peer, `${later}PING\r\n`);
    server.core.authorized(peer, {}, 0);
    server.read(peer);
    server.core.advertise(["a:1"], 0);
    const told = info(server.read(peer));
    expect(told).toMatchObject({ auth_required: true, connect_urls: ["a:1"] });
    expect(told).not.toHaveProperty("nonce");
  });
});

describe("lame duck mode", () => {
  it("announces itself, waits, and closes connections one by one", () => {
    const server = new ServerHarness();
    const peers = [1, 2, 3, 4].map(() => server.open());
    for (const peer of peers) server.exchange(peer, `${later}PING\r\n`);
    server.core.advertise(["a:1"], 0);
    for (const peer of peers) server.read(peer);
    server.core.lameDuck(10_000, 40_000, 0);
    for (const peer of peers) expect(info(server.read(peer))).toMatchObject({ ldm: true, connect_urls: ["a:1"] });
    const open = (): number => peers.filter((peer) => server.closeReason(peer) === undefined).length;
    const left: number[] = [];
    for (const step of [9999, 1, 9999, 1, 10_000, 10_000]) {
      server.advance(step);
      left.push(open());
    }
    expect(left).toEqual([4, 3, 3, 2, 1, 0]);
    for (const peer of peers) expect([server.read(peer), server.closeReason(peer)]).toEqual(["", "shutdown"]);
  });

  it("closes later connections too, and skips those that are gone", () => {
    const server = new ServerHarness();
    const first = server.open();
    server.core.lameDuck(1000, 1000, 0);
    const second = server.open();
    server.core.lost(first, 0);
    server.advance(1000);
    expect(server.closeReason(second)).toBe("shutdown");
  });

  it("has no deadline until a connection is opened", () => {
    const server = new ServerHarness();
    const peer = server.open();
    server.core.lost(peer, 0);
    expect(server.core.deadline).toBeUndefined();
    server.core.lameDuck(1000, 1000, 0);
    server.core.lost(server.open(), 0);
    expect(server.core.deadline).toBeUndefined();
    const late = server.open();
    server.advance(1000);
    expect(server.closeReason(late)).toBe("shutdown");
  });

  it("has no deadline after it without connections", () => {
    const server = new ServerHarness();
    server.core.lameDuck(1000, 1000, 0);
    server.advance(5000);
    expect(server.core.deadline).toBeUndefined();
  });
});
