// SPDX-License-Identifier: Apache-2.0
const { connect, serve } = require("@natswire/node");
const { takeOrders } = require("./orders");

test("accepts an order", async () => {
  const server = await serve();
  const client = await connect(server.url);
  takeOrders(client);
  await client.flush();

  const reply = await server.request("orders.new", "apple");
  expect(reply.text()).toBe("apple: accepted");
  await client.close();
  await server.close();
});
