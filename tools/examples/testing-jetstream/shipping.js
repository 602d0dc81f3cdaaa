// SPDX-License-Identifier: Apache-2.0
import { jetstream } from "@nats-io/jetstream";

/**
 * Ships the orders of a consumer. An order that cannot be shipped is delivered again.
 *
 * @param {import("@nats-io/nats-core").NatsConnection} nc
 * @param {(order: string) => void} load
 */
export async function shipOrders(nc, load) {
  const consumer = await jetstream(nc).consumers.get("orders", "shipping");
  for await (const order of await consumer.consume()) {
    try {
      load(order.string());
      order.ack();
    } catch (error) {
      console.error(`${order.string()}: ${error}`); // no ack
    }
  }
}
