// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { TestSession } from "../test-session.ts";

const dialled = (client: TestSession): string[] =>
  client.actions.flatMap((one) => (one.do === "dial" ? [one.to.host] : []));
const waits = (client: TestSession): number[] =>
  client.events.flatMap((one) => (one.event === "reconnecting" ? [one.after] : []));

describe("ConnectScheduler", () => {
  it("tries the servers in an order made of random words", () => {
    const random = (into: Uint8Array): void => {
      if (into.length === 16) return;
      // The inbox has 16 bytes; four servers have a word each.
      const words = new Uint32Array(into.buffer);
      words.set([4, 1, 3, 2].slice(0, words.length));
    };
    const servers = ["nats://a", "nats://b", "nats://c"];
    const client = new TestSession({ servers, random, noRandomize: false, waitOnFirstConnect: true });
    client.lost();
    client.pass(10_000);
    client.lost();
    client.pass(10_000);
    expect(dialled(client)).toEqual(["b", "c", "a"]);
  });

  it("tries the new servers after setServers, and keeps the connection", () => {
    const client = TestSession.connected();
    client.session.setServers(["nats://b", "nats://c"]);
    expect(client.take()).toEqual([]);
    client.lost();
    expect(dialled(client)).toEqual(["b"]);
    for (const bad of [["nats://d", "http://e"], []]) {
      expect(() => client.session.setServers(bad)).toThrow(expect.objectContaining({ code: "BAD_FIELD" }));
    }
    client.lost();
    client.pass(10_000);
    expect(dialled(client)).toEqual(["b", "c"]);
  });

  it("moves to another server on reconnect()", () => {
    const client = TestSession.connected({ servers: ["nats://a", "nats://b"] });
    client.session.reconnect(0);
    client.settle();
    expect(client.events).toMatchObject([
      { event: "disconnected", reason: "LOST", detail: "a:4222: reconnect requested" },
      { event: "reconnecting", after: 0 },
    ]);
    expect(client.actions).toMatchObject([
      { do: "close", flushed: false },
      { do: "dial", to: { host: "b" } },
    ]);
    // It is not connected, so there is no server to leave.
    client.take();
    client.session.reconnect(0);
    expect(client.take()).toEqual([]);
  });

  it("waits as reconnectDelay says, given the failures so far", () => {
    const failures: number[] = [];
    const reconnectDelay = (failed: number): number => {
      failures.push(failed);
      return failed === 1 ? -1 : 10 * failed;
    };
    const client = TestSession.connected({
      reconnectDelay,
      maxReconnectAttempts: -1,
      random: (into) => into.fill(255),
    });
    client.lost();
    for (let i = 0; i < 3; i++) {
      client.lost("refused");
      client.pass(1000);
    }
    // Nothing that makes sense leaves it to the session: at most 250.
    expect([failures, waits(client)]).toEqual([
      [0, 1, 2, 3],
      [0, 249, 20, 30],
    ]);
    client.connect();
    client.pass(4999);
    client.lost();
    expect(failures.at(-1)).toBe(4);
    client.pass(1000);
    client.connect();
    client.pass(5000);
    client.lost();
    expect(failures.at(-1)).toBe(0);
  });

  it.each([
    ["5", 5],
    [Number.NaN, 249],
    [Promise.resolve(5), 249],
  ])("waits as given, or as usual, if reconnectDelay returns %o", (answer, wait) => {
    const reconnectDelay = ((failures: number) => (failures === 0 ? 0 : answer)) as (failures: number) => number;
    const client = TestSession.connected({ reconnectDelay, random: (into) => into.fill(255) });
    client.pass(1000);
    client.lost();
    client.lost("refused");
    expect(waits(client)).toEqual([0, wait]);
  });

  it("discovers servers, unless ignoreClusterUpdates is set", () => {
    const urls = ',"connect_urls":["10.0.0.1:4222"]';
    const client = new TestSession();
    client.connect(urls);
    expect(client.take()).toEqual(["dial", "connected", "update"]);
    const deaf = TestSession.connected({ ignoreClusterUpdates: true }, urls);
    deaf.receive('INFO {"connect_urls":["10.0.0.2:4222"]}\r\n');
    expect(deaf.take()).toEqual([]);
    deaf.lost();
    expect(dialled(deaf)).toEqual(["127.0.0.1"]);
  });

  it("marks discovered servers for selectServer", () => {
    const seen: unknown[] = [];
    const client = TestSession.connected(
      { selectServer: (choices) => void seen.push(choices) },
      ',"connect_urls":["[::1]:1"]',
    );
    client.lost();
    // It is asked for a single server too.
    expect(seen[0]).toEqual([{ server: "127.0.0.1:4222", isDiscovered: false, attempts: 0 }]);
    expect(seen.slice(1)).toEqual([
      [
        { server: "[::1]:1", isDiscovered: true, attempts: 0 },
        { server: "127.0.0.1:4222", isDiscovered: false, attempts: 0 },
      ],
    ]);
  });

  it("waits and asks selectServer again if that returns -1", () => {
    let isReady = true;
    const config = { selectServer: () => (isReady ? 0 : -1), reconnectDelay: (failures: number) => 10 * failures };
    const client = TestSession.connected(config);
    isReady = false;
    client.lost();
    client.pass(10);
    expect(waits(client)).toEqual([0, 10, 20]);
    expect(client.events.at(-1)).toMatchObject({ reason: "LOST", detail: "127.0.0.1:4222: reset" });
    isReady = true;
    expect(dialled(client)).toEqual([]);
    client.pass(20);
    expect(dialled(client)).toEqual(["127.0.0.1"]);
  });

  it("asks selectServer once for each server if no connection was made yet", () => {
    const servers = ["nats://a", "nats://b"];
    const client = new TestSession({ servers, selectServer: () => -1 });
    client.pass(1000);
    expect(client.events).toMatchObject([
      { event: "reconnecting", after: 0 },
      { event: "closed", reason: "LOST", detail: "selectServer chose no server" },
    ]);
    const random = (into: Uint8Array): void => void into.fill(255);
    const waiting = new TestSession({ servers, selectServer: () => -1, waitOnFirstConnect: true, random });
    waiting.pass(60_000);
    expect(dialled(waiting)).toEqual([]);
    expect(waiting.events.length).toBeGreaterThan(30);
  });

  it("tries a configured server after 2 s at an unreachable one", () => {
    const urls = ',"connect_urls":["10.0.0.1:1","10.0.0.2:1","10.0.0.3:1"]';
    const client = TestSession.connected({ servers: ["nats://a", "nats://b"], reconnectDelay: () => 0 }, urls);
    client.lost();
    expect(dialled(client)).toEqual(["b"]);
    client.lost("refused");
    expect(dialled(client)).toEqual(["b", "10.0.0.1"]);
    client.pass(1999);
    expect(dialled(client).length).toBe(2);
    client.pass(1);
    expect(client.events.at(-1)).toMatchObject({ detail: "10.0.0.1:1: no connection within 2000 ms" });
    expect(dialled(client)).toEqual(["b", "10.0.0.1", "a"]);
    client.connect();
    client.lost();
    // One that was not reachable does not keep the next one from its turn.
    expect(dialled(client).slice(3)).toEqual(["10.0.0.2"]);
  });

  it("gives a discovered server the whole timeout after its INFO", () => {
    const client = TestSession.connected({}, ',"connect_urls":["10.0.0.1:1"]');
    client.lost();
    client.session.opened(client.now);
    client.receive("INFO {}\r\n");
    client.take();
    client.pass(19_999);
    expect(client.take()).toEqual([]);
    client.pass(1);
    expect(client.events).toMatchObject([{ reason: "TIMEOUT", detail: "10.0.0.1:1: no PONG within 20000 ms" }]);
  });

  it("reports each attempt, with its number and the failure before it", () => {
    const client = new TestSession({ servers: ["a", "b"], waitOnFirstConnect: true, reconnectDelay: () => 0 });
    client.lost("refused");
    client.connect();
    client.lost("reset");
    expect(client.attempts).toMatchObject([
      { to: { host: "a" }, attempt: 1, failure: undefined },
      { to: { host: "b" }, attempt: 2, failure: { reason: "REFUSED", detail: "a:4222: refused" } },
      { to: { host: "a" }, attempt: 1, failure: { reason: "LOST", detail: "b:4222: reset" } },
    ]);
  });

  it("lists the last failure of each server when it gives up", () => {
    const closed = (servers: readonly string[], ...details: string[]): unknown => {
      const client = new TestSession({ servers, reconnectDelay: () => 0 });
      for (const detail of details) client.lost(detail);
      return client.events.flatMap((event) => (event.event === "closed" ? [event.detail] : []));
    };
    expect(closed(["a", "b"], "refused", "reset")).toEqual(["a:4222: refused; b:4222: reset"]);
    const many = Array.from({ length: 12 }, (_, i) => `s${i}:1`);
    const last = many.slice(-10).map((server) => `${server}: no`);
    expect(closed(many, ...many.map(() => "no"))).toEqual([`${last.join("; ")}; and 2 more`]);
  });

  it("closes at once after the last attempt, and announces no other", () => {
    const client = TestSession.connected({ maxReconnectAttempts: 3, reconnectDelay: () => 100 });
    client.lost();
    for (let i = 0; i < 3; i++) {
      client.pass(100);
      client.lost("refused");
    }
    const names = client.take().filter((name) => name !== "dial" && name !== "connecting");
    expect(names).toEqual(["disconnected", "reconnecting", "reconnecting", "reconnecting", "closed"]);
  });

  it("retries a server without end by default, at most two seconds apart", () => {
    const client = TestSession.connected({ random: (into) => into.fill(255) });
    client.lost();
    for (let i = 0; i < 50; i++) {
      client.lost("refused");
      client.pass(2000);
    }
    expect(waits(client).slice(0, 6)).toEqual([0, 249, 499, 999, 1999, 1999]);
    expect(dialled(client).length).toBe(51);
  });

  it("retries the first connection without a limit (waitOnFirstConnect)", () => {
    const limits = { waitOnFirstConnect: true, maxReconnectAttempts: 2, reconnectDelay: () => 0 };
    const client = new TestSession({ servers: ["a", "b"], ...limits });
    for (let i = 0; i < 20; i++) client.lost("refused");
    client.connect();
    client.lost();
    expect(dialled(client).length).toBe(22);
    for (let i = 0; i < 4; i++) client.lost("refused");
    expect(dialled(client).length).toBe(25);
    expect(client.events.at(-1)).toMatchObject({ event: "closed" });
  });

  it("forgets failures after a completed handshake", () => {
    const client = new TestSession({
      servers: ["a", "b"],
      waitOnFirstConnect: true,
      maxReconnectAttempts: 3,
      reconnectDelay: () => 0,
    });
    client.lost("before");
    client.connect();
    for (const detail of ["one", "two", "three", "four", "five", "six", "seven"]) client.lost(detail);
    expect(client.events.at(-1)).toMatchObject({
      event: "closed",
      detail: expect.stringMatching(/^a:4222: \w+; b:4222: \w+; no server left to try$/),
    });
    expect(client.events.at(-1)).not.toMatchObject({ detail: expect.stringContaining("before") });
  });
});

describe("credentials", () => {
  /** Opens the connection of an attempt, and lets the server answer CONNECT with an error. */
  const refuse = (client: TestSession, text: string): void => {
    client.session.opened(client.now);
    client.receive("INFO {}\r\n");
    client.receive(`-ERR '${text}'\r\n`);
    client.pass(10_000);
  };
  const isClosed = (client: TestSession): boolean => client.events.some(({ event }) => event === "closed");

  it("are offered again after any number of authentication timeouts", () => {
    const client = TestSession.connected({ maxReconnectAttempts: -1 });
    client.lost();
    for (let i = 0; i < 20; i++) refuse(client, "Authentication Timeout");
    expect(isClosed(client)).toBe(false);
    client.connect();
    expect(client.events.at(-1)).toMatchObject({ event: "connected" });
  });

  it("may be refused once more after they expired on a live connection", () => {
    for (const text of ["User Authentication Expired", "Account Authentication Expired"]) {
      const client = TestSession.connected({ maxReconnectAttempts: -1 });
      client.receive(`-ERR '${text}'\r\n`);
      expect(client.events).toMatchObject([
        { event: "disconnected", reason: "AUTH" },
        { event: "reconnecting", after: 0 },
      ]);
      refuse(client, text);
      client.connect();
      expect(client.events.at(-1)).toMatchObject({ event: "connected" });
    }
  });

  it("are given up after the same refusal twice, not after different ones", () => {
    const client = TestSession.connected({ maxReconnectAttempts: -1 });
    client.lost();
    refuse(client, "Authorization Violation");
    refuse(client, "User Authentication Expired");
    refuse(client, "Authentication Timeout");
    expect(isClosed(client)).toBe(false);
    refuse(client, "Authorization Violation");
    expect(client.events.at(-1)).toMatchObject({ event: "closed", reason: "AUTH" });
  });

  it("are refused twice by one server, and offered to the other", () => {
    const client = TestSession.connected({ servers: ["nats://a", "nats://b"] });
    client.lost();
    for (let i = 0; i < 3; i++) refuse(client, "Authorization Violation");
    expect(isClosed(client)).toBe(false);
    expect(dialled(client)).toEqual(["b", "a", "b", "a"]);
  });

  it("are offered again and again with ignoreAuthErrorAbort", () => {
    const client = TestSession.connected({ maxReconnectAttempts: -1, ignoreAuthErrorAbort: true });
    client.lost();
    for (let i = 0; i < 20; i++) refuse(client, "Authorization Violation");
    expect(isClosed(client)).toBe(false);
  });
});
