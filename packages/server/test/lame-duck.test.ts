// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { CoreHarness } from "./core-harness.ts";

const info = (text: string): Record<string, unknown> => JSON.parse(text.replace(/^(PONG\r\n)?INFO |\r\n$/g, ""));
const later = 'CONNECT {"verbose":false,"protocol":1}\r\n';

describe("news of other servers", () => {
  it("go to who said it understands INFO at any time, behind its first PONG", () => {
    const session = new CoreHarness();
    const [ready, waiting, old, silent] = [session.open(), session.open(), session.open(), session.open()] as const;
    session.exchange(ready, `${later}PING\r\n`);
    session.exchange(waiting, later);
    session.exchange(old, 'CONNECT {"verbose":false}\r\nPING\r\n');
    session.core.advertise(["10.0.0.1:4222", "[::1]:4222"], 0);
    const urls = { connect_urls: ["10.0.0.1:4222", "[::1]:4222"] };
    expect(info(session.receive(ready))).toMatchObject(urls);
    expect([session.receive(waiting), session.receive(old), session.receive(silent)]).toEqual(["", "", ""]);
    const answer = session.exchange(waiting, "PING\r\n");
    expect(answer).toMatch(/^PONG\r\nINFO /);
    expect(info(answer)).toMatchObject(urls);
    expect(session.exchange(waiting, "PING\r\n")).toBe("PONG\r\n");
    expect(session.exchange(silent, 'CONNECT {"verbose":false}\r\nPING\r\n')).toBe("PONG\r\n");
  });

  it("are in the greeting of who comes later, and replace the ones before", () => {
    const session = new CoreHarness();
    session.core.advertise(["a:1"], 0);
    const peer = session.core.opened(0);
    expect(info(session.receive(peer))).toMatchObject({ connect_urls: ["a:1"] });
    session.send(peer, `${later}PING\r\n`);
    session.receive(peer);
    session.core.advertise([], 0);
    expect(info(session.receive(peer))).toMatchObject({ connect_urls: [] });
  });

  it("reach who was greeted before them and connects behind them", () => {
    const session = new CoreHarness({ authRequired: true });
    const [late, asked] = [session.open(), session.open()];
    session.send(asked, `${later}PING\r\n`);
    session.core.advertise(["a:1"], 0);
    session.send(late, `${later}PING\r\n`);
    for (const peer of [late, asked]) {
      session.core.authorized(peer, {}, 0);
      const answer = session.receive(peer);
      expect(answer).toMatch(/^PONG\r\nINFO /);
      expect(info(answer)).toMatchObject({ connect_urls: ["a:1"] });
    }
  });

  it("that no INFO can carry are refused and told to nobody", () => {
    const session = new CoreHarness();
    const peer = session.open();
    session.exchange(peer, `${later}PING\r\n`);
    const many = Array.from({ length: 50_000 }, (_, i) => `some-long-name-${i}.example.org:4222`);
    expect(() => session.core.advertise(many, 0)).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
    expect(() => session.core.advertise([1] as never, 0)).toThrow(expect.objectContaining({ code: "BAD_FIELD" }));
    expect(session.receive(peer)).toBe("");
    expect(info(session.receive(session.core.opened(0)))).not.toHaveProperty("connect_urls");
  });

  it("carry nothing to sign: that was for the CONNECT", () => {
    const session = new CoreHarness({ authRequired: true });
    const peer = session.open();
    session.send(peer, `${later}PING\r\n`);
    session.core.authorized(peer, {}, 0);
    session.receive(peer);
    session.core.advertise(["a:1"], 0);
    const told = info(session.receive(peer));
    expect(told).toMatchObject({ auth_required: true, connect_urls: ["a:1"] });
    expect(told).not.toHaveProperty("nonce");
  });
});

describe("a lame duck", () => {
  it("says so, waits, and closes its connections one by one without a word", () => {
    const session = new CoreHarness();
    const peers = [1, 2, 3, 4].map(() => session.open());
    for (const peer of peers) session.exchange(peer, `${later}PING\r\n`);
    session.core.advertise(["a:1"], 0);
    for (const peer of peers) session.receive(peer);
    session.core.lameDuck(10_000, 40_000, 0);
    for (const peer of peers) expect(info(session.receive(peer))).toMatchObject({ ldm: true, connect_urls: ["a:1"] });
    const open = (): number => peers.filter((peer) => session.closed(peer) === undefined).length;
    const left: number[] = [];
    for (const step of [9999, 1, 9999, 1, 10_000, 10_000]) {
      session.advance(step);
      left.push(open());
    }
    expect(left).toEqual([4, 3, 3, 2, 1, 0]);
    for (const peer of peers) expect([session.receive(peer), session.closed(peer)]).toEqual(["", "shutdown"]);
  });

  it("closes who comes late in their turn too, and the ones that went by themselves cost no time", () => {
    const session = new CoreHarness();
    const first = session.open();
    session.core.lameDuck(1000, 1000, 0);
    const second = session.open();
    session.core.lost(first, 0);
    session.advance(1000);
    expect(session.closed(second)).toBe("shutdown");
  });

  it("has nothing to wait for once all are gone, until another one comes", () => {
    const session = new CoreHarness();
    const peer = session.open();
    session.core.lost(peer, 0);
    expect(session.core.deadline).toBeUndefined();
    session.core.lameDuck(1000, 1000, 0);
    session.core.lost(session.open(), 0);
    expect(session.core.deadline).toBeUndefined();
    const late = session.open();
    session.advance(1000);
    expect(session.closed(late)).toBe("shutdown");
  });

  it("without connections has nothing to do", () => {
    const session = new CoreHarness();
    session.core.lameDuck(1000, 1000, 0);
    session.advance(5000);
    expect(session.core.deadline).toBeUndefined();
  });
});
