// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
const work = client.subscribe("work", { queue: "workers" });
await work.ready();

function shutDown() {
  console.log("draining");
  // Unsubscribes, waits for the loop, sends its replies, and closes.
  client.drain({ timeout: 5000 }).catch((error) => {
    console.log(String(error));
    process.exitCode = 1;
  });
}
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, shutDown);
console.log("ready");

for await (const task of work) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  task.respond(`${task.text()} is done`);
}
const error = await client.closed;
console.log(error === undefined ? "closed" : `closed by ${error.message}`);
