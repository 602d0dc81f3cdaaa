// SPDX-License-Identifier: Apache-2.0
import { ConnectionError, connect } from "@natswire/node";

const servers = process.argv[2] ?? "nats://127.0.0.1:4222";

const client = await connect({ servers, user: "ann", pass: "s3cret" });
console.log("connected as ann");
await client.close();

try {
  await connect({ servers, user: "ann", pass: "guess" });
} catch (error) {
  if (!(error instanceof ConnectionError)) throw error;
  console.log(error.message);
}
