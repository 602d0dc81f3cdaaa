// SPDX-License-Identifier: Apache-2.0
// Cancels requests and subscriptions with timeouts and signals: node cancel.mjs nats://127.0.0.1:4222
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2], signal: AbortSignal.timeout(5000) });
try {
  const silent = client.subscribe("silent", { callback: () => {} });
  await silent.ready({ timeout: 1000 });

  const controller = new AbortController();
  const { signal } = controller;
  const answer = client.request("silent", "", { timeout: 60_000, signal });
  const loop = (async () => {
    for await (const _ of client.subscribe("silent", { signal }));
  })();
  controller.abort(new Error("changed my mind"));
  await answer.catch((error) => console.log("request:", error.message));
  await loop;
  console.log("subscription: ended");

  await client.request("silent", "", { timeout: 50 }).catch((error) => console.log("request:", error.code));
} finally {
  await client.close();
}
