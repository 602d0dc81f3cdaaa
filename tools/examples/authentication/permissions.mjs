// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const servers = process.argv[2] ?? "nats://127.0.0.1:4222";
const client = await connect({ servers, user: "ann", pass: "s3cret" });
client.onStatus((status) => {
  if (status.type === "error" && status.error instanceof Error)
    console.log("status:", status.error.message);
});

const audit = client.subscribe("audit.>");
await audit.ready().catch((error) => console.log("ready:", error.code, error.denial));
await client
  .request("audit.login", "ann")
  .catch((error) => console.log("request:", error.code));
client.publish("audit.login", "ann");
await client.flush();
await client.close();
