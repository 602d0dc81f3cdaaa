// SPDX-License-Identifier: Apache-2.0
import { jetstream } from "@natswire/jetstream-server";
import { connect, serve } from "@natswire/node";
import { expect, it } from "vitest";

it("delivers everything to a subscriber that is slower than the stream", async () => {
  const server = await serve({ maxPending: 1 << 20, jetstream: jetstream() });
  const client = await connect({ servers: server.url });
  const ask = async (api: string, body: object): Promise<unknown> =>
    (await client.request(`$JS.API.${api}`, JSON.stringify(body))).json();
  await ask("STREAM.CREATE.S", { name: "S", subjects: ["s"] });
  for (let i = 0; i < 100; i++) await client.request("s", new Uint8Array(100_000));
  const messages = client.subscribe("d", { max: 100 });
  await ask("CONSUMER.CREATE.S.C", {
    stream_name: "S",
    config: { name: "C", deliver_subject: "d", ack_policy: "none" },
  });
  let received = 0;
  for await (const _ of messages) received++;
  expect(received).toBe(100);
  await client.close();
  await server.close();
});
