// SPDX-License-Identifier: Apache-2.0
// A worker that stops without losing what it was given: node drain.mjs nats://127.0.0.1:4222, then ctrl+c
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] });
const work = client.subscribe("work", { queue: "workers" });
await work.ready();

process.once("SIGINT", () => {
  console.log("draining");
  // Unsubscribes, lets the loop finish, flushes its replies, and closes.
  client.drain({ timeout: 5000 }).catch((error) => {
    console.log(String(error));
    process.exitCode = 1;
  });
});
console.log("ready");

for await (const task of work) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  task.respond(`${task.text()} is done`);
}
const error = await client.closed;
console.log(error === undefined ? "closed" : `closed by ${error.message}`);
