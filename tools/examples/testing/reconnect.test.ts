// SPDX-License-Identifier: Apache-2.0
import { connect, type ServerConnection, serve } from "@natswire/node";
import { expect, onTestFinished } from "vitest";
import { it } from "./own-server.ts";

it("subscribes again when its connection breaks", async ({ server, client }) => {
  client.subscribe("orders.new");
  await client.flush();
  server.connections[0].kill();
  await server.transcript.expect({ op: "closed" });
  await server.transcript.expect({ op: "connect" });
  await server.transcript.expect({ op: "sub", subject: "orders.new" });
});

it("subscribes again when the server restarts", async ({ server, client }) => {
  client.subscribe("orders.new");
  await client.flush();
  await server.close();
  const again = await serve({ port: server.port, record: true });
  onTestFinished(() => again.close());
  await again.transcript.expect({ op: "sub", subject: "orders.new" });
});

it("changes to another server in lame duck mode", async ({ server, client }) => {
  const other = await serve({ record: true });
  onTestFinished(() => other.close());
  client.subscribe("orders.new");
  await client.flush();

  server.advertise([other.url]);
  await server.lameDuck(0, 0); // grace and duration in milliseconds
  await other.transcript.expect({ op: "sub", subject: "orders.new" });
});

it("leaves a server that stops answering", async () => {
  let isFrozen = false;
  const freeze = (connection: ServerConnection) => connection.hold(() => true); // holds everything it sends
  const server = await serve({
    opened: (connection) => isFrozen && freeze(connection),
  });
  onTestFinished(() => server.close());
  const other = await serve({ record: true });
  onTestFinished(() => other.close());
  const client = await connect({
    servers: [server.url, other.url],
    noRandomize: true,
    timeout: 100,
    pingInterval: 20,
    maxPingOut: 1,
  });
  onTestFinished(() => client.close());
  client.subscribe("orders.new");
  await client.flush();

  isFrozen = true; // for later connections
  server.connections.forEach(freeze);
  await other.transcript.expect({ op: "sub", subject: "orders.new" });
});

it("closes when no server is left", async ({ server }) => {
  const client = await connect({
    servers: server.url,
    reconnectTimeWait: 10,
    maxReconnectAttempts: 3,
  });
  await server.close();
  expect(await client.closed).toMatchObject({ code: "REFUSED" });
});
