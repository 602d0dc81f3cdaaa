// SPDX-License-Identifier: Apache-2.0
// Publishes no faster than the server reads: node publish-fast.mjs nats://127.0.0.1:4222
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2], maxPending: 1_000_000 });
try {
  const payload = new Uint8Array(10_000);
  let waits = 0;
  for (let i = 0; i < 1000; i++) {
    if (client.publish("bulk", payload)) continue;
    // Backpressure: wait until there is room again.
    waits++;
    await client.ready();
  }
  await client.flush();
  console.log(`${client.stats.confirmed} confirmed, ${waits > 0 ? "with" : "without"} waits`);
} finally {
  await client.close();
}
