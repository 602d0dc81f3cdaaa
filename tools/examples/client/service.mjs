// SPDX-License-Identifier: Apache-2.0
// A service with two workers, and somebody who asks: node service.mjs nats://127.0.0.1:4222
import { ConnectionError, connect } from "@natswire/node";

const servers = process.argv[2];
const clients = await Promise.all(["one", "two", "asks"].map((name) => connect({ servers, name })));
const [one, two, asks] = clients;
try {
  // One member of the queue group receives each request.
  for (const worker of [one, two]) {
    const doubled = worker.subscribe("double", {
      queue: "workers",
      callback: (request) => request.respond(String(2 * Number(request.text()))),
    });
    await doubled.ready(); // the server has the subscription
  }

  const replies = await Promise.all([1, 2, 3].map((n) => asks.request("double", String(n), { timeout: 2000 })));
  console.log(replies.map((reply) => reply.text()).join(" "));

  await asks.request("triple", "1").catch((error) => {
    if (!(error instanceof ConnectionError)) throw error;
    console.log(error.code); // NO_RESPONDERS at once; TIMEOUT if a subscriber does not reply
  });
} finally {
  await Promise.all(clients.map((client) => client.close()));
}
