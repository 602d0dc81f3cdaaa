// SPDX-License-Identifier: Apache-2.0
// Counts the messages of all clients in a process: node channels.mjs nats://127.0.0.1:4222 [ADAPTER]
import { subscribe, tracingChannel } from "node:diagnostics_channel";

// An agent subscribes before the program imports anything else.
const counts = new Map();
/** @param {string} name */
const count = (name) => counts.set(name, (counts.get(name) ?? 0) + 1);
subscribe("natswire:status", (change) =>
  count(/** @type {import("@natswire/node").StatusChange} */ (change).status.type),
);
for (const name of ["publish", "request", "deliver"])
  tracingChannel(`natswire:${name}`).start.subscribe(() => count(name));
tracingChannel("natswire:request").error.subscribe(() => count("failed"));

const { connect } = await import(process.argv[3] ?? "@natswire/node");
const client = await connect(process.argv[2]);
client.subscribe("orders.*", () => {});
client.publish("orders.new", "apple");
await client.request("nobody").catch(() => {});
await client.drain();
console.log(Object.fromEntries(counts));
