// SPDX-License-Identifier: Apache-2.0
import { expect } from "vitest";
import { takeOrders } from "./orders.js";
import { it } from "./own-server.ts";

it("checks the stock, and announces no order that is sold out", async ({
  server,
  client,
}) => {
  const { transcript } = server;
  server.subscribe("stock.*", { callback: (request) => request.respond("no") });

  takeOrders(client);
  await transcript.expect({ op: "sub", subject: "orders.new", queue: "desk" });

  const reply = await server.request("orders.new", "apple");
  expect(reply.text()).toBe("sold out");
  await transcript.expect({ op: "pub", subject: "stock.apple" }, { from: "client" });
  transcript.expectNone({ op: "pub", subject: "orders.accepted" });
});

it("prints one line per frame", async ({ server, client }) => {
  client.subscribe("prices.*");
  await client.flush();
  server.publish("prices.apple", "12");

  await client.flush();
  expect(String(server.transcript)).toContain(
    "1 -> SUB prices.* 1\n1 -> PING\n1 <- PONG\n1 <- MSG prices.apple 1 2␍␊12",
  );
});
