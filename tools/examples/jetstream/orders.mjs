// SPDX-License-Identifier: Apache-2.0
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { toNatsConnection } from "@natswire/nats-js";
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
const nc = toNatsConnection(client);

const manager = await jetstreamManager(nc);
await manager.streams.add({ name: "orders", subjects: ["orders.>"] });
await manager.consumers.add("orders", {
  durable_name: "shipping",
  ack_policy: AckPolicy.Explicit,
});

const js = jetstream(nc);
for (const fruit of ["apple", "pear"]) {
  const { seq } = await js.publish("orders.new", fruit);
  console.log(`${fruit} is stored as message ${seq}`);
}

const consumer = await js.consumers.get("orders", "shipping");
for await (const message of await consumer.consume()) {
  console.log(`ships ${message.string()}`);
  message.ack();
  if (message.info.pending === 0) break;
}

await client.drain();
