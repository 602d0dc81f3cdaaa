// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/deno";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });

// Subscribe: every message whose subject fits comes here.
client.subscribe("greet.*", {
  callback(message) {
    console.log("heard", message.subject, message.text());
    message.respond(`hello, ${message.text()}`);
  },
});

// Publish: whoever subscribes hears it, and nobody waits for an answer.
client.publish("greet.all", "everybody");

// Request: publish, and wait for the first answer.
const answer = await client.request("greet.one", "ann");
console.log("answer", answer.text());

// Leave: what is under way comes first.
await client.drain();
