// SPDX-License-Identifier: Apache-2.0
import { array, assert, constantFrom, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { backoff } from "../../src/servers/backoff.ts";
import { ServerPool } from "../../src/servers/pool.ts";

const inOrder = <T>(list: T[]): T[] => list;
const host = (pool: ServerPool): string | undefined => pool.next()?.address.endpoint.host;

const poolOf = (servers: string[], maxAttempts: number): ServerPool => {
  const pool = new ServerPool(servers, inOrder);
  pool.limit(maxAttempts);
  return pool;
};

describe("ServerPool", () => {
  it("goes round, with one entry for each spelling of an address", () => {
    const pool = new ServerPool(["nats://a", "b:4222", "nats://A:4222", "c"], inOrder);
    expect(pool.size).toBe(3);
    expect([host(pool), host(pool), host(pool), host(pool)]).toEqual(["a", "b", "c", "a"]);
    // The path of a WebSocket is a part of its address.
    expect(new ServerPool(["ws://a/x", "ws://a/y", "ws://a/x"], inOrder).size).toBe(2);
  });

  it("drops a server after maxAttempts failed attempts", () => {
    const pool = poolOf(["a", "b"], 2);
    const [a] = [pool.next()!, pool.next()!];
    pool.next();
    pool.connected(a);
    expect([host(pool), host(pool), host(pool), host(pool)]).toEqual(["b", "a", "a", undefined]);
  });

  it("drops a server that rejected the credentials twice", () => {
    const pool = new ServerPool(["a"], inOrder);
    pool.refused(pool.next()!, "AUTHORIZATION");
    pool.refused(pool.next()!, "USER_EXPIRED");
    pool.refused(pool.next()!, "AUTHORIZATION");
    expect(host(pool)).toBe(undefined);
  });

  it("counts an attempt in progress while the servers are replaced", () => {
    const pool = poolOf(["a"], 2);
    const a = pool.next()!;
    pool.seed(["a"], inOrder);
    pool.connected(a);
    expect([host(pool), host(pool), host(pool)]).toEqual(["a", "a", undefined]);
    pool.seed(["b"], inOrder);
    const b = pool.next()!;
    pool.seed(["b"], inOrder);
    for (let i = 0; i < 2; i++) pool.refused(b, "AUTHORIZATION");
    expect(host(pool)).toBe(undefined);
  });

  it("dials and verifies discovered servers like the one that named them", () => {
    const pool = new ServerPool(["tls://ann:pw@a"], inOrder);
    const a = pool.next()!;
    expect(pool.discover(["10.0.0.1:1", "[::1]:2"], a, false, inOrder)).toEqual({
      added: ["10.0.0.1:1", "[::1]:2"],
      deleted: [],
    });
    expect(pool.next()?.address).toEqual({
      endpoint: { scheme: "tcp", host: "10.0.0.1", port: 1, path: undefined, serverName: "a" },
      tls: true,
      user: "ann",
      pass: "pw",
      token: undefined,
    });
  });

  const serverNames = (pool: ServerPool): string[] =>
    Array.from({ length: pool.size }, () => pool.next()!.address.endpoint).map(
      ({ host, serverName }) => `${host} as ${serverName}`,
    );

  it("verifies a name learnt inside TLS as itself", () => {
    const pool = new ServerPool(["tls://a"], inOrder);
    pool.discover(["b:1", "10.0.0.1:1"], pool.next()!, true, inOrder);
    expect(serverNames(pool)).toEqual(["b as b", "a as a", "10.0.0.1 as a"]);
  });

  it("verifies a name learnt before TLS under the announcing name", () => {
    const pool = new ServerPool(["tls://a"], inOrder);
    const a = pool.next()!;
    pool.discover(["b:1"], a, false, inOrder);
    expect(serverNames(pool)).toEqual(["b as a", "a as a"]);
    expect(pool.discover(["b:1"], a, true, inOrder)).toEqual({ added: [], deleted: [] });
    expect(serverNames(pool)).toEqual(["b as b", "a as a"]);
    // It is not taken back.
    pool.discover(["b:1"], a, false, inOrder);
    expect(serverNames(pool)).toEqual(["b as b", "a as a"]);
  });

  it("verifies an address as itself if an address announced it inside TLS", () => {
    const named = (isSecure: boolean): string[] => {
      const pool = new ServerPool(["tls://10.0.0.1"], inOrder);
      pool.discover(["10.0.0.2:1"], pool.next()!, isSecure, inOrder);
      return serverNames(pool).sort();
    };
    expect(named(true)).toEqual(["10.0.0.1 as 10.0.0.1", "10.0.0.2 as 10.0.0.2"]);
    expect(named(false)).toEqual(["10.0.0.1 as 10.0.0.1", "10.0.0.2 as 10.0.0.1"]);
  });

  it("removes servers no longer named, except seeds and the one in use", () => {
    const pool = new ServerPool(["a", "b"], inOrder);
    pool.discover(["c:1", "d:1"], pool.next()!, false, inOrder);
    const [b, c] = [pool.next()!, pool.next()!];
    expect([b.address.endpoint.host, c.address.endpoint.host]).toEqual(["b", "c"]);
    expect(pool.discover([], c, false, inOrder)).toEqual({ added: [], deleted: [] });
    expect(pool.discover(["e:1"], c, false, inOrder)).toEqual({ added: ["e:1"], deleted: ["d:1"] });
    expect(pool.size).toBe(4);
  });

  it("discovers at most 1,000 servers, each of the form host:port", () => {
    const pool = new ServerPool(["a"], inOrder);
    const a = pool.next()!;
    expect(
      pool.discover(["", "x", "user@h:1", "h:1/p", "nats://h:1", "h:0", "h:99999", "a b:1"], a, false, inOrder).added,
    ).toEqual([]);
    const many = Array.from({ length: 3000 }, (_, i) => `h${i}:1`);
    expect(pool.discover(many, a, false, inOrder).added.length).toBe(1000);
  });

  it("keeps the counts of a server that is configured again", () => {
    const pool = poolOf(["a", "b"], 1);
    pool.next();
    pool.seed(["a", "c"], inOrder);
    expect([host(pool), host(pool)]).toEqual(["c", undefined]);
    expect(() => pool.seed(["http://x"], inOrder)).toThrow("is not a server URL");
  });
});

describe("backoff", () => {
  it("is 0 for the first attempt, then doubles up to its limit", () => {
    const settings = { reconnectTimeWait: 250, maxReconnectTimeWait: 8000 };
    assert(
      property(nat(2000), array(constantFrom(0, 0.25, 0.5, 0.999999), { minLength: 1 }), (failures, fractions) => {
        for (const fraction of fractions) {
          const wait = backoff(failures, settings, fraction);
          const most = failures === 0 ? 0 : Math.min(8000, 250 * 2 ** (failures - 1));
          expect(wait).toBe(Math.floor(fraction * most));
        }
      }),
    );
  });
});
