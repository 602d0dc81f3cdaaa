// SPDX-License-Identifier: Apache-2.0
import { afterAll, expect, test } from "@jest/globals";
import { connect } from "@nats-io/transport-node";
import { serve } from "@natswire/node";
import { takeOrders } from "./orders.js";

const server = await serve();
const client = await connect({ servers: server.url });
afterAll(async () => {
  await client.close();
  await server.close();
});

test("an order is taken if there is stock", async () => {
  server.subscribe("stock.*", { callback: (question) => question.respond("yes") });
  const taken = server.subscribe("orders.taken");

  takeOrders(client);
  await client.flush(); // the server has the subscription now

  const answer = await server.request("orders.new", "apple");
  expect(answer.text()).toBe("taken");
  expect((await taken.next()).text()).toBe("apple");
});
