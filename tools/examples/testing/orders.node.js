// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connect, serve } from "@natswire/node";
import { takeOrders } from "./orders.js";

const server = await serve();
const client = await connect({ servers: server.url });
after(async () => {
  await client.close();
  await server.close();
});

test("accepts an order if the item is in stock", async () => {
  server.subscribe("stock.*", { callback: (request) => request.respond("yes") });
  const accepted = server.subscribe("orders.accepted");

  takeOrders(client);
  await client.flush(); // the server has the subscription now

  const reply = await server.request("orders.new", "apple");
  assert.equal(reply.text(), "accepted");
  assert.equal((await accepted.next()).text(), "apple");
});

test("publishes the price with its currency", async () => {
  const prices = server.subscribe("prices.*");
  client.publish("prices.apple", "12", { headers: { currency: "EUR" } });

  const price = await prices.next();
  assert.deepEqual(price.toJSON(), {
    subject: "prices.apple",
    headers: { currency: "EUR" },
    text: "12",
  });
});
