// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const client = await connect({
  servers: process.argv[2] ?? "nats://127.0.0.1:4222",
  tls: { caFile: "ca.pem", certFile: "client.pem", keyFile: "client.key" },
});
console.log("connected with a client certificate");
await client.close();
