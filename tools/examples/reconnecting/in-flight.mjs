// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
client.onStatus((status) => {
  if (status.type === "disconnect") console.log("disconnected:", status.error.message);
  if (status.type === "reconnecting") console.log(`next attempt in ${status.after} ms`);
  if (status.type === "reconnect") console.log("reconnected to", status.server);
});

const words = client.subscribe("words", { max: 2 });
client.publish("words", "before");
for await (const word of words) {
  console.log("received", word.text());
  if (word.text() === "meanwhile") continue;
  client.reconnect(); // drops the connection and opens a new one
  client.publish("words", "meanwhile"); // buffered
}
await client.flush();
const { published, confirmed, unknown, dropped } = client.stats;
console.log({ published, confirmed, unknown, dropped });
await client.close();
