// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "@natswire/node";

/** Answers orders: each is the name of an item. */
export function takeOrders(client: Connection): void {
  client.subscribe("orders.new", {
    callback: (order) => order.respond(`${order.text()}: accepted`),
  });
}
