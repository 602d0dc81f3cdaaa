// SPDX-License-Identifier: Apache-2.0
// Orders an apple and a pear: node customer.mjs nats://127.0.0.1:4222
import { jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { toNatsConnection } from "@natswire/nats-js";
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2], name: "customer" });
const nc = toNatsConnection(client);
const js = jetstream(nc);

const items = { 1: "apple", 2: "pear" };

// A message id is stored once. So after an error, publish again.
for (const id of ["1", "2", "2"]) {
  const { duplicate } = await js.publish(`orders.${id}`, items[id], { msgID: id });
  console.log(`order ${id}: ${duplicate ? "stored before" : "stored"}`);
}

// Every state of the two orders, also those before the watch began.
const states = await new Kvm(nc).open("states");
const open = new Set(Object.keys(items));
for await (const state of await states.watch({ include: "history" })) {
  console.log(`order ${state.key}: ${state.string()}`);
  if (state.string() === "shipped") open.delete(state.key);
  if (open.size === 0) break;
}

const reply = await nc.request("shop.state", "2");
console.log(`the shop answers: ${reply.string()}`);
await client.drain();
