// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connect } from "@nats-io/transport-node";
import { serve } from "@natswire/node";
import { takeOrders } from "./orders.js";

const server = await serve();
const client = await connect({ servers: server.url });
after(async () => {
  await client.close();
  await server.close();
});

test("an order is taken if there is stock", async () => {
  server.subscribe("stock.*", { callback: (question) => question.respond("yes") });
  const taken = server.subscribe("orders.taken");

  takeOrders(client);
  await client.flush(); // the server has the subscription now

  const answer = await server.request("orders.new", "apple");
  assert.equal(answer.text(), "taken");
  assert.equal((await taken.next()).text(), "apple");
});
