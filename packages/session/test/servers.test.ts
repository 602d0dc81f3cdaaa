// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { SessionHarness } from "./session-harness.ts";

const dialled = (talk: SessionHarness): string[] =>
  talk.actions.flatMap((one) => (one.do === "dial" ? [one.to.host] : []));
const waits = (talk: SessionHarness): number[] =>
  talk.events.flatMap((one) => (one.event === "reconnecting" ? [one.after] : []));

describe("the servers of a session", () => {
  it("are tried in an order of chance, which is that of as many random words", () => {
    const random = (into: Uint8Array): void => {
      if (into.length === 16) return;
      // The inbox has 16 bytes; four servers have a word each.
      const words = new Uint32Array(into.buffer);
      words.set([4, 1, 3, 2].slice(0, words.length));
    };
    const servers = ["nats://a", "nats://b", "nats://c"];
    const talk = new SessionHarness({ servers, random, noRandomize: false, waitOnFirstConnect: true });
    talk.lost();
    talk.advance(10_000);
    talk.lost();
    talk.advance(10_000);
    expect(dialled(talk)).toEqual(["b", "c", "a"]);
  });

  it("may be replaced: the connection there is stays, and the next one is to one of the new ones", () => {
    const talk = SessionHarness.connected();
    talk.session.setServers(["nats://b", "nats://c"]);
    expect(talk.take()).toEqual([]);
    talk.lost();
    expect(dialled(talk)).toEqual(["b"]);
    for (const bad of [["nats://d", "http://e"], []]) {
      expect(() => talk.session.setServers(bad)).toThrow(expect.objectContaining({ code: "BAD_FIELD" }));
    }
    talk.lost();
    talk.advance(10_000);
    expect(dialled(talk)).toEqual(["b", "c"]);
  });

  it("are left for another where that is asked for, as if the connection had been lost", () => {
    const talk = SessionHarness.connected({ servers: ["nats://a", "nats://b"] });
    talk.session.reconnect(0);
    talk.settle();
    expect(talk.events).toMatchObject([
      { event: "disconnected", reason: "LOST", detail: "a:4222: a new connection was asked for" },
      { event: "reconnecting", after: 0 },
    ]);
    expect(talk.actions).toMatchObject([
      { do: "close", flushed: false },
      { do: "dial", to: { host: "b" } },
    ]);
    // There is none to leave yet.
    talk.take();
    talk.session.reconnect(0);
    expect(talk.take()).toEqual([]);
  });

  it("are come back to after a time of one's own choice, which is told how often it failed since the last good one", () => {
    const failures: number[] = [];
    const reconnectDelay = (failed: number): number => {
      failures.push(failed);
      return failed === 1 ? -1 : 10 * failed;
    };
    const talk = SessionHarness.connected({
      reconnectDelay,
      maxReconnectAttempts: -1,
      random: (into) => into.fill(255),
    });
    talk.lost();
    for (let i = 0; i < 3; i++) {
      talk.lost("refused");
      talk.advance(1000);
    }
    // Nothing that makes sense leaves it to the session: at most 250.
    expect([failures, waits(talk)]).toEqual([
      [0, 1, 2, 3],
      [0, 249, 20, 30],
    ]);
    talk.connect();
    talk.advance(4999);
    talk.lost();
    expect(failures.at(-1)).toBe(4);
    talk.advance(1000);
    talk.connect();
    talk.advance(5000);
    talk.lost();
    expect(failures.at(-1)).toBe(0);
  });

  it("tell of the cluster when they let a session in, and to nobody who does not listen", () => {
    const urls = ',"connect_urls":["10.0.0.1:4222"]';
    const talk = new SessionHarness();
    talk.connect(urls);
    expect(talk.take()).toEqual(["dial", "connected", "update"]);
    const deaf = SessionHarness.connected({ ignoreClusterUpdates: true }, urls);
    deaf.receive('INFO {"connect_urls":["10.0.0.2:4222"]}\r\n');
    expect(deaf.take()).toEqual([]);
    deaf.lost();
    expect(dialled(deaf)).toEqual(["127.0.0.1"]);
  });

  it("are shown as discovered where another named them", () => {
    const seen: unknown[] = [];
    const talk = SessionHarness.connected(
      { selectServer: (choices) => void seen.push(choices) },
      ',"connect_urls":["[::1]:1"]',
    );
    talk.lost();
    expect(seen).toEqual([
      [
        { server: "[::1]:1", isDiscovered: true, attempts: 0 },
        { server: "127.0.0.1:4222", isDiscovered: false, attempts: 0 },
      ],
    ]);
  });
});
