// SPDX-License-Identifier: Apache-2.0
import { ConnectionError, connect, UsageError } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
client.subscribe("slow", { callback: () => {} }); // never responds

/** @param {string} subject */
async function ask(subject) {
  try {
    const reply = await client.request(subject, "", { timeout: 100 });
    console.log(reply.text());
  } catch (error) {
    if (error instanceof ConnectionError)
      console.log("the network or a server:", error.code, "|", error.message);
    else if (error instanceof UsageError)
      console.log("the call:", error.code, "|", error.message);
    else throw error;
  }
}

await ask("users.7");
await ask("slow");
await ask("users 7");
await client.close();
await ask("slow");
