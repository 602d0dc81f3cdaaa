// SPDX-License-Identifier: Apache-2.0
import {
  connect,
  type NatsConnection,
  tokenAuthenticator,
} from "@nats-io/transport-node";
import { type Server, serve, VirtualClock } from "@natswire/node";
import { expect, onTestFinished, test } from "vitest";

async function startServer(options: Parameters<typeof serve>[0] = {}): Promise<Server> {
  const server = await serve({ record: true, ...options });
  onTestFinished(() => server.close());
  return server;
}

async function connectTo(
  servers: string | string[],
  options: Parameters<typeof connect>[0] = {},
): Promise<NatsConnection> {
  const client = await connect({ servers, reconnectTimeWait: 10, ...options });
  onTestFinished(() => client.close());
  return client;
}

test("responds, and subscribes again when its connection breaks", async () => {
  const server = await serve({ record: true });
  onTestFinished(() => server.close());
  const client = await connect({ servers: server.url, reconnectTimeWait: 10 });
  onTestFinished(() => client.close());
  client.subscribe("price", { callback: (_, request) => void request.respond("12") });
  await server.transcript.expect({ op: "sub", subject: "price" });
  expect((await server.request("price")).text()).toBe("12");

  server.connections[0].kill();
  await server.transcript.expect({ op: "closed" });
  await server.transcript.expect({ op: "sub", subject: "price" });
});

test("times out when a reply is lost", async () => {
  const server = await startServer();
  const client = await connectTo(server.url);
  server.subscribe("stock.apple", { callback: (request) => request.respond("yes") });
  server.connections[0].drop("msg", 1);
  await expect(client.request("stock.apple", "", { timeout: 50 })).rejects.toThrow(
    "timeout",
  );
  expect((await client.request("stock.apple", "", { timeout: 1000 })).string()).toBe(
    "yes",
  );
});

test("changes to another server in lame duck mode", async () => {
  const [server, other] = [await startServer(), await startServer()];
  const client = await connectTo(server.url);
  client.subscribe("orders.new");
  await client.flush();
  server.advertise([other.url]);
  await server.lameDuck(0, 0);
  await other.transcript.expect({ op: "sub", subject: "orders.new" });
});

test("notices bytes that are not NATS by its own PINGs", async () => {
  const server = await startServer();
  const client = await connectTo(server.url, { pingInterval: 20, maxPingOut: 1 });
  client.subscribe("orders.new");
  await client.flush();
  server.connections[0].inject("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  await server.transcript.expect({ op: "closed" });
  await server.transcript.expect({ op: "sub", subject: "orders.new" });
});

test("reconnects when the server stops reading for good", async () => {
  const server = await startServer();
  await connectTo(server.url, { pingInterval: 20, maxPingOut: 1 });
  await server.transcript.expect({ op: "connect" });
  server.connections[0].stopReading();
  await server.transcript.expect({ op: "connect" });
});

test("is disconnected when it is slow, and reconnects", async () => {
  const server = await startServer({ maxPending: 1_000_000 });
  const client = await connectTo(server.url);
  client.subscribe("ticks");
  await client.flush();
  while (server.stats.slow === 0) server.publish("ticks", new Uint8Array(100_000));
  await server.transcript.expect({ op: "closed" }, { from: "server" });
  await server.transcript.expect({ op: "sub", subject: "ticks" });
});

test("reports that its own subscription is slow", async () => {
  const server = await startServer();
  const client = await connectTo(server.url);
  const statuses = client.status();
  client.subscribe("ticks", { slow: 10 }); // and no loop reads it
  await client.flush();
  for (let i = 0; i < 20; i++) server.publish("ticks");
  for await (const { type } of statuses) if (type === "slowConsumer") break;
});

test("reports a permission error that the test sends", async () => {
  const server = await startServer();
  const client = await connectTo(server.url);
  const statuses = client.status();
  server.connections[0].error('Permissions Violation for Publish to "orders.new"');
  for await (const { type } of statuses) if (type === "error") break;
});

test("reconnects with new credentials when the old ones expire", async () => {
  let validToken = "monday";
  const server = await startServer({
    authorize: ({ auth_token }) => (auth_token === validToken ? {} : undefined),
  });
  await connectTo(server.url, { authenticator: tokenAuthenticator(() => validToken) });
  validToken = "tuesday";
  server.connections[0].error("User Authentication Expired");
  await server.transcript.expect({ op: "closed" });
  await server.transcript.expect({ op: "connect", options: { auth_token: "tuesday" } });
});

test("gives up when it is rejected twice", async () => {
  let isAllowed = true;
  const server = await startServer({ authorize: () => (isAllowed ? {} : undefined) });
  const client = await connectTo(server.url);
  isAllowed = false;
  server.connections[0].kill();
  expect(String(await client.closed())).toContain("Authorization Violation");
});

test("answers the server's PING after two minutes", async () => {
  const clock = new VirtualClock();
  const server = await startServer({ clock });
  await connectTo(server.url);
  clock.pass(120_000);
  await server.transcript.expect({ op: "ping" }, { from: "server" });
  await server.transcript.expect({ op: "pong" }, { from: "client" });
});
