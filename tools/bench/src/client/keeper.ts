// SPDX-License-Identifier: Apache-2.0
// Prints the bytes that the entries of a bucket take while they are kept: keeper.js CLIENT URL BUCKET ENTRIES, with --expose-gc.
import { setImmediate as immediate } from "node:timers/promises";
import { type KvEntry, Kvm } from "@nats-io/kv";
import { connections } from "./jetstream.ts";
import { keyName } from "./names.ts";

const [client = "", url = "", name = "", count = ""] = process.argv.slice(2);
const bucket = await new Kvm(await connections[client]!(url)).open(name);

async function entries(): Promise<KvEntry[]> {
  const all: KvEntry[] = [];
  for await (const entry of await bucket.watch()) if (all.push(entry) === Number(count)) break;
  return all;
}

async function used(): Promise<number> {
  // What the current turn of the event loop still refers to is free after it. Array buffers are freed in the background.
  for (let turn = 0; turn < 4; turn++) {
    await immediate();
    globalThis.gc!();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

// The first entries compile the code.
await entries();
const before = await used();
const all = await entries();
const after = await used();
for (const [i, { key, value }] of all.entries()) {
  if (key !== keyName(i) || value.length === 0) throw new Error(`entry ${i} is ${key}`);
}
console.log(after - before);
process.exit();
