// SPDX-License-Identifier: Apache-2.0
import { type ObjectInfo, type ObjectStore, Objm } from "@nats-io/obj";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { clients, connected } from "./clients.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startJetStreamServer();
});
afterAll(() => server.stop());

let buckets = 0;
async function bucket(name: (typeof clients)[number]): Promise<ObjectStore> {
  return new Objm(await connected(name, server.port)).create(`o${buckets++}`);
}

const textOf = (blob: Uint8Array | null) => blob && new TextDecoder().decode(blob);
const bytes = (text: string) => new TextEncoder().encode(text);

describe.each(clients)("Object Store on %s", (name) => {
  it("puts, gets, lists, links and deletes", async () => {
    const store = await bucket(name);
    await store.putBlob({ name: "a", description: "first", metadata: { kind: "text" } }, bytes("hello"));
    await store.putBlob({ name: "empty" }, bytes(""));
    expect(textOf(await store.getBlob("a"))).toBe("hello");
    expect(textOf(await store.getBlob("empty"))).toBe("");
    expect(await store.getBlob("missing")).toBeNull();
    expect(await store.info("a")).toMatchObject({ description: "first", metadata: { kind: "text" }, size: 5 });
    await store.link("b", (await store.info("a"))!);
    expect(textOf(await store.getBlob("b"))).toBe("hello");
    expect((await store.list()).map((info) => info.name)).toEqual(["a", "empty", "b"]);
    expect((await store.delete("a")).success).toBe(true);
    expect((await store.list()).map((info) => info.name)).toEqual(["empty", "b"]);
  });

  it("watches", async () => {
    const store = await bucket(name);
    await store.putBlob({ name: "a" }, bytes("1"));
    const seen: string[] = [];
    const watched = (async () => {
      for await (const info of (await store.watch({ includeHistory: true })) as AsyncIterable<ObjectInfo | null>) {
        if (info !== null) seen.push(`${info.name} ${info.deleted ? "deleted" : info.size}`);
        if (seen.length === 3) break;
      }
    })();
    await expect.poll(() => seen.length).toBe(1);
    await store.putBlob({ name: "b" }, bytes("12"));
    await store.delete("a");
    await watched;
    expect(seen).toEqual(["a 1", "b 2", "a deleted"]);
  });

  it("links to another store, and replaces what it has", async () => {
    const [store, other] = [await bucket(name), await bucket(name)];
    await other.putBlob({ name: "a" }, bytes("1"));
    await store.link("there", (await other.info("a"))!);
    expect(textOf(await store.getBlob("there"))).toBe("1");
    await store.linkStore("all", other);
    expect((await store.info("all"))!.options).toMatchObject({ link: { bucket: expect.stringMatching(/^o\d/) } });
    const { revision } = await other.putBlob({ name: "a" }, bytes("22"));
    expect(textOf(await store.getBlob("there"))).toBe("22");
    const late = other.putBlob({ name: "a" }, bytes("333"), { timeout: 1000, previousRevision: revision - 1 });
    await expect(late).rejects.toThrow("wrong last sequence");
    expect(textOf(await other.getBlob("a"))).toBe("22");
  });

  it("reads a stream, until it is cancelled", async () => {
    const store = await bucket(name);
    const blob = new Uint8Array(1_000_000).fill(7);
    await store.put({ name: "a" }, new Blob([blob]).stream());
    const { data, error } = (await store.get("a"))!;
    let size = 0;
    for await (const chunk of data) size += chunk.length;
    expect([size, await error]).toEqual([blob.length, undefined]);
    const { data: cancelled, error: end } = (await store.get("a"))!;
    const reader = cancelled.getReader();
    expect((await reader.read()).value!.length).toBe(131_072);
    await reader.cancel();
    expect(await end).toBeUndefined();
  });

  it("stores and reads 20 MB", async () => {
    const store = await bucket(name);
    const large = new Uint8Array(20_000_000).map((_, i) => (i * i) >> 8);
    const { chunks, size } = await store.putBlob({ name: "large" }, large);
    expect([chunks, size]).toEqual([Math.ceil(large.length / 131_072), large.length]);
    expect(Buffer.compare((await store.getBlob("large"))!, large)).toBe(0);
  });
});
