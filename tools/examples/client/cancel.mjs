// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const client = await connect({
  servers: process.argv[2] ?? "nats://127.0.0.1:4222",
  signal: AbortSignal.timeout(5000), // limits the time to connect
});
client.subscribe("silent", { callback: () => {} });

const controller = new AbortController();
const { signal } = controller;
const reply = client.request("silent", "", { timeout: 60_000, signal });
const loop = (async () => {
  for await (const _ of client.subscribe("silent", { signal }));
})();

controller.abort(new Error("changed my mind"));
await reply.catch((error) => console.log("request:", error.message));
await loop;
console.log("loop: ended");
await client.close();
