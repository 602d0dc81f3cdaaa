// SPDX-License-Identifier: Apache-2.0
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type KvEntry, Kvm } from "@nats-io/kv";
import { expect, it, onTestFinished } from "vitest";
import { startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { type ClientName, connected } from "./clients.ts";

const ENTRIES = 10_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Returns the bytes that are in use after a collection. */
function used(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it(`keeps ${ENTRIES} Key-Value entries in as much memory as the official client`, async () => {
  const server = await startJetStreamServer();
  onTestFinished(() => server.stop());
  const writer = await new Kvm(await connected("natswire", server.port)).create("kv", { storage: "memory" } as never);
  for (let i = 0; i < ENTRIES; i += 500)
    await Promise.all(Array.from({ length: 500 }, (_, j) => writer.put(`key-${i + j}`, `value ${i + j}`)));

  /** Returns the bytes that all entries take while they are kept. */
  async function memory(name: ClientName): Promise<number> {
    const kv = await new Kvm(await connected(name, server.port)).open("kv");
    const before = used();
    const kept: KvEntry[] = [];
    for await (const entry of await kv.watch()) if (kept.push(entry) === ENTRIES) break;
    const bytes = used() - before;
    expect(kept.at(-1)!.string()).toBe(`value ${ENTRIES - 1}`);
    return bytes;
  }

  // The first watch compiles the code.
  await memory("the official client");
  await memory("natswire");
  const official = await memory("the official client");
  expect((await memory("natswire")) - official).toBeLessThan(2_000_000);
});
