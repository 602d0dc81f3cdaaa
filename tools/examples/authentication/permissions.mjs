// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const servers = process.argv[2] ?? "nats://127.0.0.1:4222";
const client = await connect({ servers, user: "ann", pass: "s3cret" });
client.onStatus((status) => {
  if (status.type === "error") console.log(String(status.error));
});

client.subscribe("audit.>", { callback: () => {} });
client.publish("audit.login", "ann");
await client.flush();
await client.close();
