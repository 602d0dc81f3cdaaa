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
    console.log("heard", word.text());
    if (word.text() === "meanwhile") continue;
    client.reconnect(); // as if the connection had been lost
    client.publish("words", "meanwhile"); // kept, and sent on the next one, behind the subscriptions
  }
  await client.flush();
  // `unknown`: nothing had confirmed it when the connection was lost, so nobody can say whether it arrived.
  const { published, confirmed, unknown, dropped } = client.stats;
  console.log({ published, confirmed, unknown, dropped });
} finally {
  await client.close();
}
