// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { connect } from "@natswire/node";

/** @type {import("@natswire/node").Authenticator} */
async function readToken() {
  return { auth_token: (await readFile("token.txt", "utf8")).trim() };
}

const client = await connect({
  servers: process.argv[2] ?? "nats://127.0.0.1:4222",
  authenticator: readToken, // called for each connection
});
console.log("connected with the token of the file");
await client.close();
