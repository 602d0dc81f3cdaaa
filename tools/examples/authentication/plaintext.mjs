// SPDX-License-Identifier: Apache-2.0
import { ConnectionError, connect } from "@natswire/node";

// A server on another machine, without TLS.
const servers = process.argv[2] ?? "nats://10.0.0.7:4222";
try {
  await connect({ servers, user: "ann", pass: "s3cret" });
} catch (error) {
  if (!(error instanceof ConnectionError)) throw error;
  console.log(error.message);
}

// In a network that you trust:
const client = await connect({
  servers,
  user: "ann",
  pass: "s3cret",
  allowPlaintextCredentials: true,
});
console.log("connected without TLS");
await client.close();
