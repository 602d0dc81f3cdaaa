// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { serve } from "@natswire/node";
import { expect, onTestFinished, test } from "vitest";
import { realServer } from "./real-server.js";

// Its path on Debian.
process.env["PATH"] += ":/usr/sbin:/usr/local/sbin";

test("publishes to a JetStream stream of a real server", async () => {
  const folder = mkdtempSync(join(tmpdir(), "jetstream-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const server = await realServer("-js", "-sd", folder);
  onTestFinished(server.close);
  const client = await connect({ servers: server.url });
  const { streams } = await jetstreamManager(client);
  await streams.add({ name: "orders", subjects: ["orders.>"] });
  expect(await jetstream(client).publish("orders.new", "apple")).toMatchObject({
    stream: "orders",
    seq: 1,
  });
  await client.close();
});

test("fails at once on the embedded server, which has no JetStream", async () => {
  const server = await serve();
  const client = await connect({ servers: server.url });
  await expect(jetstreamManager(client)).rejects.toThrow("jetstream is not enabled");
  await client.close();
  await server.close();
});
