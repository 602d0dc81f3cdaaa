// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });

client.subscribe("greet.*", {
  callback: (message) => message.respond(`hello, ${message.text()}`),
});
const reply = await client.request("greet.one", "ann");
console.log(reply.text());

await client.drain();
