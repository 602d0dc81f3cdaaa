// SPDX-License-Identifier: Apache-2.0
/** Answers orders: each is the name of an item. @param {import("@natswire/node").Connection} client */
exports.takeOrders = (client) => {
  client.subscribe("orders.new", {
    callback: (order) => order.respond(`${order.text()}: accepted`),
  });
};
