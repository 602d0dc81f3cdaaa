// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { connect, nkeyAuthenticator } from "@natswire/node";

const client = await connect({
  servers: process.argv[2] ?? "nats://127.0.0.1:4222",
  authenticator: nkeyAuthenticator(readFileSync("ann.nk")),
});
console.log("connected with an nkey");
await client.close();
