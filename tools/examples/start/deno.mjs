// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/deno";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });

// Subscribe: receive every message whose subject matches.
client.subscribe("greet.*", {
  callback(message) {
    console.log("received", message.subject, message.text());
    message.respond(`hello, ${message.text()}`);
  },
});

// Publish: send to all current subscribers, without waiting for a reply.
client.publish("greet.all", "everyone");

// Request: publish, and wait for the first reply.
const reply = await client.request("greet.one", "ann");
console.log("reply", reply.text());

// Drain: process what has arrived, send the replies, then close.
await client.drain();
