// SPDX-License-Identifier: Apache-2.0
// What happens to a connection, as it happens: node reconnect.mjs nats://127.0.0.1:4222
import { connect } from "@natswire/node";

const client = await connect({
  servers: process.argv[2]?.split(","),
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
  pingInterval: 20_000,
});
client.onStatus((status) => {
  if (status.type === "disconnect") console.log("lost:", status.error.message);
  if (status.type === "reconnecting") console.log(`next attempt in ${status.after} ms`);
  if (status.type === "reconnect") console.log("back at", status.server);
  if (status.type === "ldm") console.log("the server is about to go");
  if (status.type === "error") console.log("error:", String(status.error));
});
try {
  const words = client.subscribe("words", { max: 2 });
  client.publish("words", "before");
  for await (const word of words) {
    console.log("received", word.text());
    if (word.text() === "meanwhile") continue;
    client.reconnect(); // as after a lost connection
    client.publish("words", "meanwhile"); // buffered; sent after the subscriptions
  }
  await client.flush();
  // `unknown`: not confirmed when the connection was lost, so it may or may not have arrived.
  const { published, confirmed, unknown, dropped } = client.stats;
  console.log({ published, confirmed, unknown, dropped });
} finally {
  await client.close();
}
