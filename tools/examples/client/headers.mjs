// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
const prices = client.subscribe("prices.*", { max: 2 });

client.publish("prices.apple", "12", { headers: { currency: "EUR" } });
client.publish("prices.pear", "15");

for await (const price of prices) {
  console.log(price.subject, price.headers?.get("currency") ?? "no currency");
}
await client.close();
