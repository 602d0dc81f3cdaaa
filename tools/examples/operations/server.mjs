// SPDX-License-Identifier: Apache-2.0
// An embedded server that logs connections and prints its counters: node server.mjs
import { connect, serve } from "@natswire/node";

const server = await serve({
  opened: ({ id }) => console.log(`${id} opened`),
  closed: ({ id }, reason, detail) =>
    console.log(`${id} closed: ${[reason, detail].filter(Boolean).join(", ")}`),
  failed: (error) => console.log("a callback failed:", String(error)),
});
server.subscribe("orders.*", {
  callback: () => {
    throw new Error("no stock");
  },
});

const client = await connect({ servers: server.url, name: "orders" });
client.publish("orders.new", "apple");
await client.flush();
console.log(server.stats);
for (const { id, info } of server.connections)
  console.log(id, info?.options.name, `${info?.pending} bytes pending`);

await client.close();
await server.close();
