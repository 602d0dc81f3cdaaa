// SPDX-License-Identifier: Apache-2.0
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { serve } from "@natswire/node";
import { afterAll, describe, expect, test } from "vitest";
import { startNatsServer } from "../../testkit/nats-server.ts";

const embedded = await serve();
const real = await startNatsServer("");
afterAll(async () => {
  await embedded.close();
  await real.stop();
});

describe.each([
  ["the embedded server", embedded.port],
  ["a real nats-server without JetStream", real.port],
])("JetStream on %s", (_, port) => {
  const notEnabled = { name: "JetStreamNotEnabled", message: "jetstream is not enabled" };

  test.each([
    ["fails to create a manager", (client) => jetstreamManager(client)],
    ["fails to publish to a stream", (client) => jetstream(client).publish("orders.new", "apple")],
    ["fails to get a consumer", (client) => jetstream(client).consumers.get("orders", "desk")],
    [
      "fails to add a stream",
      async (client) => {
        const { streams } = await jetstreamManager(client, { checkAPI: false });
        await streams.add({ name: "orders", subjects: ["orders.>"] });
      },
    ],
  ] satisfies [string, (client: Awaited<ReturnType<typeof connect>>) => Promise<unknown>][])("%s", async (_, use) => {
    const client = await connect({ port });
    await expect(use(client)).rejects.toMatchObject(notEnabled);
    await client.close();
  });
});
