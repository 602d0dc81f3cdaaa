// SPDX-License-Identifier: Apache-2.0
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { jetstream as inMemory } from "@natswire/jetstream-server";
import { serve, VirtualClock } from "@natswire/node";
import { expect, onTestFinished, test } from "vitest";

/** Starts a server and a client for one test. */
async function start(memory = inMemory(), clock = new VirtualClock()) {
  // The client cannot answer the PINGs of a day that passes at once.
  const pingInterval = Number.POSITIVE_INFINITY;
  const server = await serve({ clock, pingInterval, jetstream: memory });
  const nc = await connect({ servers: server.url });
  onTestFinished(async () => {
    await nc.close();
    await server.close();
  });
  return nc;
}

/** Returns a snapshot of a stream with two orders. */
async function takeFixture() {
  const memory = inMemory();
  const nc = await start(memory);
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: "orders", subjects: ["orders.>"] });
  for (const fruit of ["apple", "pear"]) await jetstream(nc).publish("orders.new", fruit);
  return memory.snapshot();
}

test("starts with the streams of a snapshot", async () => {
  const fixture = await takeFixture();
  const memory = inMemory();
  memory.restore(fixture);
  const nc = await start(memory);

  const { seq } = await jetstream(nc).publish("orders.new", "plum");
  expect(seq).toBe(3);
  const texts = memory.messages("orders").map(({ payload }) => Buffer.from(payload).toString());
  expect(texts).toEqual(["apple", "pear", "plum"]);
});

test("stores an order once if its ack is lost", async () => {
  const memory = inMemory();
  memory.restore(await takeFixture());
  const js = jetstream(await start(memory));

  memory.loseAcks("orders", 1);
  const order = { msgID: "order-7", timeout: 50 };
  await expect(js.publish("orders.new", "plum", order)).rejects.toThrow("timeout");
  expect(await js.publish("orders.new", "plum", order)).toMatchObject({ duplicate: true });
  expect(memory.messages("orders")).toHaveLength(3);
});

test("removes a session after a day that passes at once", async () => {
  const clock = new VirtualClock();
  const nc = await start(inMemory(), clock);
  const sessions = await new Kvm(nc).create("sessions", { ttl: 86_400_000 });
  await sessions.put("ann", "token");

  clock.pass(86_400_000);
  expect(await sessions.get("ann")).toBeNull();
});
