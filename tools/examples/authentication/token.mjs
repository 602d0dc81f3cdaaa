// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const servers = process.argv[2] ?? "nats://127.0.0.1:4222";
const client = await connect({ servers, token: "t0ken" });
console.log("connected with a token");
await client.close();
