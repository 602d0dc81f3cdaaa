// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const client = await connect({
  servers: process.argv[2] ?? "nats://127.0.0.1:4222",
  maxPending: 1_000_000,
});
const payload = new Uint8Array(10_000);
let waits = 0;
for (let i = 0; i < 1000; i++) {
  if (client.publish("bulk", payload)) continue;
  waits++;
  await client.ready(); // the connection's, until half of maxPending is free
}
await client.flush(); // until the server has received everything
console.log(
  `${client.stats.confirmed} confirmed, ${waits > 0 ? "with" : "without"} waits`,
);
await client.close();
