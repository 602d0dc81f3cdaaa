// SPDX-License-Identifier: Apache-2.0

/**
 * The code under test: takes orders, asks the stock, and tells the world.
 *
 * @param {import("@nats-io/transport-node").NatsConnection} client
 */
export async function takeOrders(client) {
  for await (const order of client.subscribe("orders.new", { queue: "desk" })) {
    const answer = await client.request(`stock.${order.string()}`);
    const isThere = answer.string() === "yes";
    if (isThere) client.publish("orders.taken", order.data);
    order.respond(isThere ? "taken" : "sold out");
  }
}
