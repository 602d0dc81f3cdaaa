// SPDX-License-Identifier: Apache-2.0
import { connect, serve, VirtualClock } from "@natswire/node";
import { expect, onTestFinished, test } from "vitest";

test("times out after a minute that passes at once", async () => {
  const clock = new VirtualClock();
  const server = await serve({ clock, record: true });
  onTestFinished(() => server.close());
  const client = await connect({ servers: server.url, clock });
  onTestFinished(() => client.close());
  server.subscribe("stock.apple"); // and never responds

  const reply = client.request("stock.apple", "", { timeout: 60_000 });
  await server.transcript.expect({ op: "pub", subject: "stock.apple" });
  clock.pass(60_000);
  await expect(reply).rejects.toMatchObject({ code: "TIMEOUT" });
});

test("answers the server's PING after two minutes", async () => {
  const clock = new VirtualClock();
  const server = await serve({ clock, record: true });
  onTestFinished(() => server.close());
  const client = await connect({ servers: server.url });
  onTestFinished(() => client.close());

  clock.pass(120_000);
  await server.transcript.expect({ op: "ping" }, { from: "server" });
  await server.transcript.expect({ op: "pong" }, { from: "client" });
});

test("receives a reply a minute later", async () => {
  const clock = new VirtualClock();
  const server = await serve({ clock, record: true });
  onTestFinished(() => server.close());
  const client = await connect({ servers: server.url });
  onTestFinished(() => client.close());
  server.subscribe("stock.apple", { callback: (request) => request.respond("yes") });

  server.connections[0].delay(60_000);
  const reply = client.request("stock.apple");
  await server.transcript.expect({ op: "pub", subject: "stock.apple" });
  clock.pass(60_000);
  expect((await reply).text()).toBe("yes");
});
