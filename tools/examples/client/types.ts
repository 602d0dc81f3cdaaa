// SPDX-License-Identifier: Apache-2.0
import {
  type Connection,
  type ConnectOptions,
  connect,
  type Message,
} from "@natswire/node";

interface Price {
  readonly amount: number;
}

function publishPrice(client: Connection, product: string, price: Price): void {
  client.publish(`prices.${product}`, JSON.stringify(price));
}

function show(message: Message): void {
  console.log(message.subject, message.json<Price>().amount);
}

const options: ConnectOptions = {
  servers: process.argv[2] ?? "nats://127.0.0.1:4222",
  name: "prices",
};
const client: Connection = await connect(options);
client.subscribe("prices.*", { callback: show });
publishPrice(client, "apple", { amount: 12 });
await client.drain();
