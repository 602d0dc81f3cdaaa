// SPDX-License-Identifier: Apache-2.0
import { connect, type Status, serve } from "@natswire/node";
import { expect, onTestFinished } from "vitest";
import { it } from "./own-server.ts";

it("is disconnected when it is slow, and reconnects", async () => {
  const ends: string[] = [];
  const server = await serve({
    record: true,
    maxPending: 1_000_000,
    closed: (_, reason, detail) => ends.push(`${reason}: ${detail}`),
  });
  onTestFinished(() => server.close());
  const client = await connect({ servers: server.url });
  onTestFinished(() => client.close());
  client.subscribe("ticks");
  await client.flush();

  // Client and server share this thread: while the loop runs, the client does not read.
  while (server.stats.slow === 0) server.publish("ticks", new Uint8Array(100_000));

  await server.transcript.expect({ op: "closed" }, { from: "server" });
  await server.transcript.expect({ op: "sub", subject: "ticks" });
  expect(ends).toEqual([
    expect.stringMatching(/^slow: \d+ bytes are pending, the limit is \d+$/),
  ]);
});

it("reports that a loop is slow", async ({ server, client }) => {
  const statuses: Status["type"][] = [];
  client.onStatus(({ type }) => statuses.push(type));
  const ticks = client.subscribe("ticks", { maxMessages: 10 }); // and no loop reads it
  await client.flush();
  for (let i = 0; i < 20; i++) server.publish("ticks");
  await client.flush();
  expect(statuses).toEqual(["slowConsumer"]); // and again after a second
  expect(ticks.dropped).toBe(10);
});
