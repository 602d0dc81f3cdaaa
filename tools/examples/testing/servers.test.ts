// SPDX-License-Identifier: Apache-2.0
import { connect, serve } from "@natswire/node";
import { expect, test } from "vitest";

test("gives each tenant its own server", async () => {
  const servers = await Promise.all(Array.from({ length: 20 }, () => serve()));
  const clients = await Promise.all(
    servers.map(({ url }) => connect({ servers: url })),
  );
  clients[7].subscribe("orders.new");
  await clients[7].flush();
  expect(servers.map((server) => server.publish("orders.new")).indexOf(1)).toBe(7);
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all(servers.map((server) => server.close()));
});

test("reports each connection and error of a server", async () => {
  const events: string[] = [];
  const server = await serve({
    opened: ({ id }) => events.push(`${id} opened`),
    closed: ({ id }, reason, detail) =>
      events.push(`${id} closed, ${reason}: ${detail}`),
    failed: (error) => events.push(`failed: ${error}`),
    record: true,
  });
  server.subscribe("orders.new", { callback: (order) => order.json() });
  server.publish("orders.new", "not JSON");
  const client = await connect({ servers: server.url });
  await client.close();
  await server.transcript.expect({ op: "closed" });
  await server.close();
  expect(events).toEqual([
    expect.stringContaining("failed: SyntaxError"),
    "1 opened",
    "1 closed, lost: the connection ended",
  ]);
});
