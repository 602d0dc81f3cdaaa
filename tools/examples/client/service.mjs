// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const servers = process.argv[2] ?? "nats://127.0.0.1:4222";

// Two workers. One of the queue group receives each request.
const workers = await Promise.all([connect({ servers }), connect({ servers })]);
for (const worker of workers) {
  const subscription = worker.subscribe("double", {
    queue: "workers",
    callback: (request) => request.respond(String(2 * Number(request.text()))),
  });
  await subscription.ready(); // the server has the subscription
}

const client = await connect({ servers });
for (const n of ["1", "2", "3"]) {
  const reply = await client.request("double", n, { timeout: 2000 });
  console.log(n, "->", reply.text());
}
await client.request("triple", "1").catch((error) => console.log(error.code));

await Promise.all([client, ...workers].map((connection) => connection.close()));
