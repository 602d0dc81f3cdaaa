// SPDX-License-Identifier: Apache-2.0
// Sends a request to service.mjs: node ask.mjs nats://127.0.0.1:4222
import { connect } from "@natswire/node";

const client = await connect(process.argv[2]);
console.log((await client.request("orders.price")).text());
await client.close();
