// SPDX-License-Identifier: Apache-2.0
import { connect, serve } from "@natswire/node";
import { expect, onTestFinished } from "vitest";
import { it } from "./own-server.ts";

it("requests again when a reply is lost", async ({ server, client }) => {
  server.subscribe("stock.apple", { callback: (request) => request.respond("yes") });
  server.connections[0].drop("msg", 1);
  await expect(
    client.request("stock.apple", "", { timeout: 50 }),
  ).rejects.toMatchObject({ code: "TIMEOUT" });
  expect((await client.request("stock.apple")).text()).toBe("yes");
});

it("drops only the frames that a function selects", async ({ server, client }) => {
  const prices = client.subscribe("prices.*");
  await client.flush();
  server.connections[0].drop(
    (frame) => frame.op === "msg" && frame.subject === "prices.apple",
  );
  server.publish("prices.apple", "12");
  server.publish("prices.pear", "15");
  for await (const { subject } of prices) {
    expect(subject).toBe("prices.pear");
    break;
  }
});

it("times out when a reply is too late", async ({ server, client }) => {
  server.subscribe("stock.apple", { callback: (request) => request.respond("yes") });
  server.connections[0].delay(60_000);
  await expect(
    client.request("stock.apple", "", { timeout: 50 }),
  ).rejects.toMatchObject({ code: "TIMEOUT" });
});

it("receives a message when it is released", async ({ server, client }) => {
  const prices = client.subscribe("prices.*", { max: 1 });
  await client.flush();
  const release = server.connections[0].hold("msg");
  server.publish("prices.apple", "12");
  await client.flush(); // PONG passes, the message is held
  release(); // sends it, and holds no more
  for await (const price of prices) expect(price.text()).toBe("12");
});

it("decodes messages that arrive byte by byte", async () => {
  const server = await serve({ opened: (connection) => connection.split(1) });
  onTestFinished(() => server.close());
  const client = await connect({ servers: server.url });
  onTestFinished(() => client.close());
  const prices = client.subscribe("prices.*", { max: 1 });
  await client.flush();
  server.publish("prices.apple", "12");
  for await (const price of prices) expect(price.text()).toBe("12");
});

it("reconnects when it receives bytes that are not NATS", async ({
  server,
  client,
}) => {
  client.subscribe("orders.new");
  await client.flush();
  server.connections[0].inject("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  await server.transcript.expect({ op: "closed" });
  await server.transcript.expect({ op: "sub", subject: "orders.new" });
});

it("survives a message for a subscription it does not have", async ({
  server,
  client,
}) => {
  server.connections[0].inject("MSG prices.apple 4711 2\r\n12\r\n");
  await client.flush();
  expect(client.stats.unmatched).toBe(1);
});

it("continues when the server stops reading for a while", async ({
  server,
  client,
}) => {
  const [connection] = server.connections;
  connection.stopReading();
  client.publish("orders.new", "1");
  const flushed = client.flush();
  connection.startReading();
  await flushed;
  await server.transcript.expect({ op: "pub", subject: "orders.new" });
});

it("reconnects when the server stops reading for good", async ({ server }) => {
  const client = await connect({
    servers: server.url,
    pingInterval: 20,
    maxPingOut: 1,
  });
  onTestFinished(() => client.close());
  await server.transcript.expect({ op: "connect" });
  server.connections[0].stopReading();
  await server.transcript.expect({ op: "connect" });
});
