// SPDX-License-Identifier: Apache-2.0
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@natswire/nats-js/node"; // was "@nats-io/transport-node"

const nc = await connect({
  servers: process.argv[2],
  name: "parcels",
  maxReconnectAttempts: -1,
});

const manager = await jetstreamManager(nc);
await manager.streams.add({ name: "parcels", subjects: ["parcels.>"] });
await manager.consumers.add("parcels", {
  durable_name: "desk",
  ack_policy: "explicit",
});
const { seq } = await jetstream(nc).publish("parcels.new", "a book");
console.log(`stored as message ${seq}`);

const consumer = await jetstream(nc).consumers.get("parcels", "desk");
for await (const message of await consumer.consume()) {
  console.log(`received ${message.string()}`);
  message.ack();
  break;
}

await manager.streams.delete("parcels");
await nc.drain();
