// SPDX-License-Identifier: Apache-2.0
// The same request with natswire: node natswire.mjs nats://127.0.0.1:4222
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] });
client.subscribe("greet", {
  callback: (message) => message.respond(`hello, ${message.text()}`),
});
const reply = await client.request("greet", "ann", { timeout: 1000 });
console.log(reply.text());
await client.drain();
