// SPDX-License-Identifier: Apache-2.0
// Publishes and subscribes: node publish-subscribe.mjs nats://127.0.0.1:4222
import { connect, MsgHeaders } from "@natswire/node";

const client = await connect({ servers: process.argv[2] });
try {
  // Receive with a callback…
  client.subscribe("prices.*", {
    callback: (message) => console.log("callback:", message.subject, message.text()),
  });
  // …or with a loop, which ends with its subscription: here after two messages.
  const apples = client.subscribe("prices.apple", { max: 2 });

  client.publish("prices.apple", "12");
  client.publish("prices.pear", new Uint8Array([0x31, 0x35]));
  client.publish("prices.apple", JSON.stringify({ price: 13 }), {
    headers: new MsgHeaders([["currency", "EUR"]]),
  });

  for await (const message of apples) {
    const currency = message.headers?.get("currency") ?? "no currency";
    console.log("loop:", message.json(), currency);
  }
  // Resolves when the server has received everything.
  await client.flush();
} finally {
  await client.close();
}
