// SPDX-License-Identifier: Apache-2.0
import { setTimeout } from "node:timers/promises";
import { ConnectionError, connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
client.onStatus((status) => {
  if (status.type === "error") console.log(String(status.error));
});

/** @param {string} subject */
async function requestWithRetry(subject) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.request(subject, "", { timeout: 5000 });
    } catch (error) {
      if (
        !(error instanceof ConnectionError) ||
        error.code !== "NO_RESPONDERS" ||
        attempt === 5
      )
        throw error;
      await setTimeout(100 * attempt);
    }
  }
}

const reply = requestWithRetry("late");
await client.flush(); // the first attempt has failed
client.subscribe("late", { callback: (request) => request.respond("here now") });
console.log((await reply).text());
await client.close();
