// SPDX-License-Identifier: Apache-2.0
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { jetstream as inMemory } from "@natswire/jetstream-server";
import { serve, VirtualClock } from "@natswire/node";
import { afterAll, expect, test, vi } from "vitest";
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
    ack_policy: AckPolicy.Explicit, // the server waits 30 seconds for an ack
  });
  const load = vi.fn();
  load.mockImplementationOnce(() => {
    throw new Error("no truck");
  });

  shipOrders(nc, load);
  await jetstream(nc).publish("orders.new", "apple");
  await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(1));
  clock.pass(30_000); // in no time
  await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(2));

  await vi.waitFor(async () => {
    const { num_ack_pending } = await manager.consumers.info("orders", "shipping");
    expect(num_ack_pending).toBe(0);
  });
});
