// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { connect, credsAuthenticator } from "@natswire/node";

const client = await connect({
  servers: process.argv[2] ?? "nats://127.0.0.1:4222",
  authenticator: credsAuthenticator(readFileSync("ann.creds")),
});
console.log("connected with a .creds file");
await client.close();
