// SPDX-License-Identifier: Apache-2.0
// A service with logs, health checks, metrics and a graceful shutdown: node service.mjs nats://127.0.0.1:4222 8080
import { createServer } from "node:http";
import { connect } from "@natswire/node";

const [servers, port] = process.argv.slice(2);
const client = await connect({ servers, name: "orders", maxReconnectAttempts: -1, waitOnFirstConnect: true });

client.onStatus(({ type, ...fields }) => {
  const error = "error" in fields ? String(fields.error) : undefined;
  const dropped = "dropped" in fields ? fields.dropped : undefined;
  console.log(JSON.stringify({ event: type, error, dropped }));
});

client.subscribe("orders.price", { queue: "orders", callback: (message) => message.respond("12") });
await client.flush(); // the server has received the subscription

const http = createServer(async ({ url }, response) => {
  if (url === "/live") return response.writeHead(client.isClosed ? 500 : 200).end();
  if (url === "/ready") {
    const error = await client.rtt({ timeout: 1000 }).then(
      () => undefined,
      (error) => error.code,
    );
    return response.writeHead(error === undefined ? 200 : 503).end(error);
  }
  const lines = Object.entries(client.stats).map(([name, value]) => `natswire_${name} ${value}\n`);
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(lines.join(""));
});
http.listen(Number(port), "127.0.0.1", () => console.log("ready"));

process.once("SIGTERM", async () => {
  await client.drain({ timeout: 5000 }).catch((error) => console.log(String(error)));
  http.close();
});
