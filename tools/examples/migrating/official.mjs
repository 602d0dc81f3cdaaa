// SPDX-License-Identifier: Apache-2.0
// A request with the official client: node official.mjs nats://127.0.0.1:4222
import { connect } from "@nats-io/transport-node";

const nc = await connect({ servers: process.argv[2] });
nc.subscribe("greet", {
  callback: (error, msg) => void (error ?? msg.respond(`hello, ${msg.string()}`)),
});
const reply = await nc.request("greet", "ann", { timeout: 1000 });
console.log(reply.string());
await nc.drain();
