// SPDX-License-Identifier: Apache-2.0

/**
 * The code under test: accepts an order if the item is in stock, and announces it.
 *
 * @param {import("@nats-io/transport-node").NatsConnection} client
 */
export async function takeOrders(client) {
  for await (const order of client.subscribe("orders.new", { queue: "desk" })) {
    const reply = await client.request(`stock.${order.string()}`);
    const isInStock = reply.string() === "yes";
    if (isInStock) client.publish("orders.accepted", order.data);
    order.respond(isInStock ? "accepted" : "sold out");
  }
}
