// SPDX-License-Identifier: Apache-2.0
import { connect, serve } from "@natswire/node";

let server = await serve(); // an embedded server, which is easy to stop and start
const client = await connect({ servers: server.url });
client.onStatus((status) => {
  if (status.type === "disconnect") console.log("disconnected");
  if (status.type === "reconnect") console.log("reconnected");
});
const words = client.subscribe("words", {
  max: 2,
  callback: (message) => console.log("received", message.text()),
});

client.publish("words", "before");
await client.flush();

await server.close();
client.publish("words", "meanwhile"); // buffered
server = await serve({ port: server.port });

await words.closed; // ends after two messages
await client.close();
await server.close();
