// SPDX-License-Identifier: Apache-2.0
import { connect, serve } from "@natswire/node";

const one = await serve();
const two = await serve();
const client = await connect({ servers: one.url });
const reconnected = new Promise((resolve) => {
  client.onStatus((status) => {
    console.log(status.type);
    if (status.type === "ldm") client.reconnect(); // leave at once
    if (status.type === "reconnect") resolve(undefined);
  });
});

one.advertise([two.url]); // the servers of a cluster do this themselves
await client.flush();
const stopped = one.lameDuck(); // nats-server: nats-server --signal ldm
await reconnected;
console.log(two.connections.length, "client at the other server");

await client.close();
await Promise.all([stopped, two.close()]);
