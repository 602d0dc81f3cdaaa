// SPDX-License-Identifier: Apache-2.0
import { afterAll, expect, test } from "@jest/globals";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { jetstream as inMemory } from "@natswire/jetstream-server";
import { serve, VirtualClock } from "@natswire/node";
import { shipOrders } from "./shipping.js";

const clock = new VirtualClock();
const server = await serve({ clock, jetstream: inMemory() });
const nc = await connect({ servers: server.url });
afterAll(async () => {
  await nc.close();
  await server.close();
});

test("ships an order again after 30 seconds if there was no truck", async () => {
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: "orders", subjects: ["orders.>"] });
  await manager.consumers.add("orders", {
    durable_name: "shipping",
    ack_policy: AckPolicy.Explicit,
  });

  const twice = new Promise((resolve) => {
    let times = 0;
    shipOrders(nc, () => {
      times++;
      if (times === 2) return resolve(times);
      setTimeout(() => clock.pass(30_000)); // in no time, after this delivery
      throw new Error("no truck");
    });
  });
  await jetstream(nc).publish("orders.new", "apple");
  expect(await twice).toBe(2);
});
