// SPDX-License-Identifier: Apache-2.0
// A service that finishes its work on SIGTERM: node shutdown.mjs nats://127.0.0.1:4222
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2], name: "orders" });
client.onStatus((status) => {
  // Also what a callback rejects with.
  if (status.type === "error") console.error(String(status.error));
});

// Before the first subscription, so that the signal finds no work without it.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, shutDown);

let finished = 0;
const orders = client.subscribe("orders.new", {
  queue: "orders",
  concurrency: 100, // callbacks at once; further orders wait
  callback: async (order) => {
    const stock = await client.request("stock.take", order.payload);
    order.respond(stock.payload);
    finished++;
  },
});
await orders.ready();
console.log("ready");

async function shutDown() {
  try {
    // Less than the grace period of the platform.
    await client.drain({ timeout: 20_000 });
  } catch (error) {
    console.error(String(error));
    process.exitCode = 1;
  }
  console.log(`${orders.received} orders received, ${finished} finished`);
}
