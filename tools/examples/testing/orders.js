// SPDX-License-Identifier: Apache-2.0

/** @param {import("@natswire/node").Connection} client */
export async function takeOrders(client) {
  for await (const order of client.subscribe("orders.new", { queue: "desk" })) {
    const reply = await client.request(`stock.${order.text()}`);
    const isInStock = reply.text() === "yes";
    if (isInStock) client.publish("orders.accepted", order.payload);
    order.respond(isInStock ? "accepted" : "sold out");
  }
}
