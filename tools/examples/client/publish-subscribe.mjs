// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });

// With a callback…
client.subscribe("prices.*", {
  callback: (message) => console.log("callback:", message.subject, message.text()),
});
// …or with a loop. It ends with its subscription: here after two messages.
const apples = client.subscribe("prices.apple", { max: 2 });

client.publish("prices.apple", "12");
client.publish("prices.pear", new Uint8Array([0x31, 0x35]));
client.publish("prices.apple", JSON.stringify({ price: 13 }));

for await (const message of apples) console.log("loop:", message.json());
await client.close();
