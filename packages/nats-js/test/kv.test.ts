// SPDX-License-Identifier: Apache-2.0
import { type KV, type KvEntry, Kvm } from "@nats-io/kv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { since } from "../../../tools/testkit/since.ts";
import { clients, connected } from "./clients.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startJetStreamServer();
});
afterAll(() => server.stop());

let buckets = 0;
async function bucket(name: (typeof clients)[number], options: object = {}): Promise<KV> {
  return new Kvm(await connected(name, server.port)).create(`b${buckets++}`, { history: 5, ...options });
}

async function shown(entries: AsyncIterable<KvEntry>, count = Number.POSITIVE_INFINITY): Promise<string[]> {
  const all: string[] = [];
  for await (const { key, operation, value } of entries) {
    all.push(`${operation} ${key} ${new TextDecoder().decode(value)}`);
    if (all.length === count) break;
  }
  return all;
}

describe.each(clients)("Key-Value on %s", (name) => {
  it("puts, gets, creates and updates", async () => {
    const kv = await bucket(name);
    expect(await kv.put("a", "1")).toBe(1);
    const entry = (await kv.get("a"))!;
    expect([entry.string(), entry.revision, entry.operation, entry.key]).toEqual(["1", 1, "PUT", "a"]);
    expect(await kv.get("missing")).toBeNull();
    expect(await kv.create("b", "2")).toBe(2);
    await expect(kv.create("b", "3")).rejects.toThrow("wrong last sequence");
    expect(await kv.update("b", "4", 2)).toBe(3);
    await expect(kv.update("b", "5", 2)).rejects.toThrow("wrong last sequence");
    expect((await kv.get("b", { revision: 2 }))!.string()).toBe("2");
  });

  it("deletes, purges, and creates again", async () => {
    const kv = await bucket(name);
    for (const text of ["1", "2"]) await kv.put("a", text);
    await kv.delete("a");
    expect((await kv.get("a"))!.operation).toBe("DEL");
    expect(await shown(await kv.history({ key: "a" }))).toEqual(["PUT a 1", "PUT a 2", "DEL a "]);
    await kv.purge("a");
    expect(await shown(await kv.history({ key: "a" }))).toEqual(["PURGE a "]);
    expect(await kv.create("a", "3")).toBe(5);
  });

  it("lists keys", async () => {
    const kv = await bucket(name);
    for (const key of ["a.b", "a.c", "d"]) await kv.put(key, "1");
    await kv.delete("d");
    const keys: string[] = [];
    for await (const key of await kv.keys()) keys.push(key);
    expect(keys).toEqual(["a.b", "a.c"]);
  });

  it("watches from now on, with what is there, and several keys", async () => {
    const kv = await bucket(name);
    for (const [key, value] of [
      ["a.1", "1"],
      ["b.1", "2"],
    ] as const)
      await kv.put(key, value);
    let initialized = 0;
    const all = shown(await kv.watch({ initializedFn: () => initialized++ } as never), 4);
    const some = shown(await kv.watch({ key: "a.>" }), 2);
    const later = shown(await kv.watch({ include: "updates" } as never), 2);
    await kv.put("a.2", "3");
    await kv.delete("b.1");
    expect(await all).toEqual(["PUT a.1 1", "PUT b.1 2", "PUT a.2 3", "DEL b.1 "]);
    expect(await some).toEqual(["PUT a.1 1", "PUT a.2 3"]);
    expect(await later).toEqual(["PUT a.2 3", "DEL b.1 "]);
  });

  it("expires values (ttl of the bucket)", async () => {
    const kv = await bucket(name, { ttl: 200 });
    await kv.put("a", "1");
    expect((await kv.get("a"))!.string()).toBe("1");
    await expect.poll(() => kv.get("a"), { timeout: 5000 }).toBeNull();
  });

  since("2.11.0", "expires one value (ttl of a key)", async () => {
    const kv = await bucket(name, { markerTTL: 1000 });
    await kv.create("a", "1", "1s");
    await kv.create("b", "2");
    await expect.poll(() => kv.get("a").then((entry) => entry?.operation ?? "gone"), { timeout: 5000 }).not.toBe("PUT");
    expect((await kv.get("b"))!.string()).toBe("2");
  });
});
