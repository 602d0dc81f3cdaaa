// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { jetstream as inMemory } from "@natswire/jetstream-server";
import { serve, VirtualClock } from "@natswire/node";
import { shipOrders } from "./shipping.js";

const clock = new VirtualClock();
const server = await serve({ clock, jetstream: inMemory() });
const nc = await connect({ servers: server.url });
after(async () => {
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
  const loads = new EventTarget();
  let times = 0;
  shipOrders(nc, () => {
    times++;
    loads.dispatchEvent(new Event("load"));
    if (times === 1) throw new Error("no truck");
  });

  const first = once(loads, "load");
  await jetstream(nc).publish("orders.new", "apple");
  await first;
  const second = once(loads, "load");
  clock.pass(30_000); // in no time
  await second;
  assert.equal(times, 2);
});
