// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { Svcm } from "@nats-io/services";
import { toNatsConnection } from "@natswire/nats-js";

/** Ships the orders of a stream, and answers questions about them, until SIGTERM. */
export async function runShop(client) {
  client.onStatus(({ type, error }) => {
    if (type === "disconnect" || type === "reconnect") console.log(type);
    if (type === "error") console.error(String(error));
  });
  const nc = toNatsConnection(client);

  // These calls change nothing if the stream, the consumer and the bucket exist.
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: "orders", subjects: ["orders.*"] });
  await manager.consumers.add("orders", {
    durable_name: "shop",
    ack_policy: "explicit",
  });
  const states = await new Kvm(nc).create("states", { history: 10 });

  const service = await new Svcm(nc).add({ name: "shop", version: "1.0.0" });
  service.addEndpoint("state", {
    subject: "shop.state",
    handler: (_error, request) => void answer(request, states),
  });

  // One order at a time. After `close`, the loop ends with those that it has received.
  const consumer = await jetstream(nc).consumers.get("orders", "shop");
  const orders = await consumer.consume({ max_messages: 1 });
  process.once("SIGTERM", () => orders.close());
  console.log("the shop is open");
  for await (const order of orders) await ship(order, states);

  await client.drain(); // sends the last ack, and answers what it has received
  console.log("the shop is closed");
}

async function ship(order, states) {
  const id = order.subject.replace("orders.", "");
  try {
    // Delivered at least once: an earlier delivery may have finished it.
    if ((await states.get(id))?.string() !== "shipped") {
      await states.put(id, "packing");
      await pack(order.string(), order.info.deliveryCount);
      await states.put(id, "shipped");
      console.log(`order ${id} is shipped`);
    }
    order.ack();
  } catch (error) {
    console.log(`order ${id} is delayed: ${error.message}`);
    order.nak(500); // is delivered again after 500 ms
  }
}

/** Takes some time. The first pears do not arrive. */
async function pack(item, attempt) {
  await sleep(200);
  if (item === "pear" && attempt === 1) throw new Error("no pears in stock");
}

async function answer(request, states) {
  try {
    const entry = await states.get(request.string());
    request.respond(entry?.string() ?? "unknown");
  } catch (error) {
    request.respondError(500, error.message);
  }
}
