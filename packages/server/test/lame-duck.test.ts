// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Session } from "./session.ts";

const info = (text: string): Record<string, unknown> => JSON.parse(text.replace(/^(PONG\r\n)?INFO |\r\n$/g, ""));
const later = 'CONNECT {"verbose":false,"protocol":1}\r\n';

describe("news of other servers", () => {
  it("go to who said it understands INFO at any time, behind its first PONG", () => {
    const session = new Session();
    const [ready, waiting, old, silent] = [session.open(), session.open(), session.open(), session.open()] as const;
    session.ask(ready, `${later}PING\r\n`);
    session.ask(waiting, later);
    session.ask(old, 'CONNECT {"verbose":false}\r\nPING\r\n');
    session.core.advertise(["10.0.0.1:4222", "[::1]:4222"], 0);
    const urls = { connect_urls: ["10.0.0.1:4222", "[::1]:4222"] };
    expect(info(session.hear(ready))).toMatchObject(urls);
    expect([session.hear(waiting), session.hear(old), session.hear(silent)]).toEqual(["", "", ""]);
    const answer = session.ask(waiting, "PING\r\n");
    expect(answer).toMatch(/^PONG\r\nINFO /);
    expect(info(answer)).toMatchObject(urls);
    expect(session.ask(waiting, "PING\r\n")).toBe("PONG\r\n");
    expect(session.ask(silent, 'CONNECT {"verbose":false}\r\nPING\r\n')).toBe("PONG\r\n");
  });

  it("are in the greeting of who comes later, and replace the ones before", () => {
    const session = new Session();
    session.core.advertise(["a:1"], 0);
    const peer = session.core.opened(0);
    expect(info(session.hear(peer))).toMatchObject({ connect_urls: ["a:1"] });
    session.say(peer, `${later}PING\r\n`);
    session.hear(peer);
    session.core.advertise([], 0);
    expect(info(session.hear(peer))).toMatchObject({ connect_urls: [] });
  });

  it("reach who was greeted before them and connects behind them", () => {
    const session = new Session({ authRequired: true });
    const [late, asked] = [session.open(), session.open()];
    session.say(asked, `${later}PING\r\n`);
    session.core.advertise(["a:1"], 0);
    session.say(late, `${later}PING\r\n`);
    for (const peer of [late, asked]) {
      session.core.authorized(peer, {}, 0);
      const answer = session.hear(peer);
      expect(answer).toMatch(/^PONG\r\nINFO /);
      expect(info(answer)).toMatchObject({ connect_urls: ["a:1"] });
    }
  });

  it("that no INFO can carry are refused and told to nobody", () => {
    const session = new Session();
    const peer = session.open();
    session.ask(peer, `${later}PING\r\n`);
    const many = Array.from({ length: 50_000 }, (_, i) => `some-long-name-${i}.example.org:4222`);
    expect(() => session.core.advertise(many, 0)).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
    expect(() => session.core.advertise([1] as never, 0)).toThrow(expect.objectContaining({ code: "BAD_FIELD" }));
    expect(session.hear(peer)).toBe("");
    expect(info(session.hear(session.core.opened(0)))).not.toHaveProperty("connect_urls");
  });

  it("carry nothing to sign: that was for the CONNECT", () => {
    const session = new Session({ authRequired: true });
    const peer = session.open();
    session.say(peer, `${later}PING\r\n`);
    session.core.authorized(peer, {}, 0);
    session.hear(peer);
    session.core.advertise(["a:1"], 0);
    const told = info(session.hear(peer));
    expect(told).toMatchObject({ auth_required: true, connect_urls: ["a:1"] });
    expect(told).not.toHaveProperty("nonce");
  });
});

describe("a lame duck", () => {
  it("says so, waits, and closes its connections one by one without a word", () => {
    const session = new Session();
    const peers = [1, 2, 3, 4].map(() => session.open());
    for (const peer of peers) session.ask(peer, `${later}PING\r\n`);
    session.core.advertise(["a:1"], 0);
    for (const peer of peers) session.hear(peer);
    session.core.lameDuck(10_000, 40_000, 0);
    for (const peer of peers) expect(info(session.hear(peer))).toMatchObject({ ldm: true, connect_urls: ["a:1"] });
    const open = (): number => peers.filter((peer) => session.closed(peer) === undefined).length;
    const left: number[] = [];
    for (const step of [9999, 1, 9999, 1, 10_000, 10_000]) {
      session.pass(step);
      left.push(open());
    }
    expect(left).toEqual([4, 3, 3, 2, 1, 0]);
    for (const peer of peers) expect([session.hear(peer), session.closed(peer)]).toEqual(["", "shutdown"]);
  });

  it("closes who comes late in their turn too, and the ones that went by themselves cost no time", () => {
    const session = new Session();
    const first = session.open();
    session.core.lameDuck(1000, 1000, 0);
    const second = session.open();
    session.core.lost(first, 0);
    session.pass(1000);
    expect(session.closed(second)).toBe("shutdown");
  });

  it("has nothing to wait for once all are gone, until another one comes", () => {
    const session = new Session();
    const peer = session.open();
    session.core.lost(peer, 0);
    expect(session.core.deadline).toBeUndefined();
    session.core.lameDuck(1000, 1000, 0);
    session.core.lost(session.open(), 0);
    expect(session.core.deadline).toBeUndefined();
    const late = session.open();
    session.pass(1000);
    expect(session.closed(late)).toBe("shutdown");
  });

  it("without connections has nothing to do", () => {
    const session = new Session();
    session.core.lameDuck(1000, 1000, 0);
    session.pass(5000);
    expect(session.core.deadline).toBeUndefined();
  });
});
