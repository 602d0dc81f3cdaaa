// SPDX-License-Identifier: Apache-2.0
import { setTimeout } from "node:timers/promises";
import { ConnectionError, connect } from "@natswire/node";

const servers = process.argv[2] ?? "nats://127.0.0.1:4222";
const client = await connect({ servers });
client.onStatus((status) => {
  if (status.type === "error") console.log(String(status.error));
});

/** @param {string} subject */
async function requestWithRetry(subject) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.request(subject);
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.code !== "NO_RESPONDERS" || attempt === 5) throw error;
      await setTimeout(100 * attempt);
    }
  }
}

const reply = requestWithRetry("late");
await setTimeout(150);
const service = await connect({ servers });
service.subscribe("late", { callback: (request) => request.respond("here now") });
console.log((await reply).text());
await client.close();
await service.close();
