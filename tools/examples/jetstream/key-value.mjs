// SPDX-License-Identifier: Apache-2.0
import { Kvm } from "@nats-io/kv";
import { toNatsConnection } from "@natswire/nats-js";
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
const prices = await new Kvm(toNatsConnection(client)).create("prices");

await prices.put("apple", "1.20");
await prices.put("pear", "0.90");
console.log((await prices.get("apple")).string());

for await (const { key, value } of await prices.watch()) {
  console.log(`${key} costs ${new TextDecoder().decode(value)}`);
  if (key === "pear") break;
}

await client.drain();
