// SPDX-License-Identifier: Apache-2.0
import { connect, serveCluster } from "@natswire/node";
import { expect, onTestFinished, test } from "vitest";

test("moves to another server of the cluster", async () => {
  const cluster = await serveCluster(3, { record: true });
  onTestFinished(() => cluster.close());
  // The URL of the first server, which names the others.
  const client = await connect({ servers: cluster.url });
  onTestFinished(() => client.close());
  const orders = client.subscribe("orders.new");
  await client.flush();

  await cluster.servers[0].kill();
  await cluster.transcript.expect({ op: "closed" });
  // On another server.
  await cluster.transcript.expect({ op: "sub", subject: "orders.new" });
  // Reaches clients of every server.
  cluster.publish("orders.new", "1");
  expect((await orders.next()).text()).toBe("1");
  expect(cluster.servers.map(({ isRunning }) => isRunning)).toEqual([
    false,
    true,
    true,
  ]);

  // On the same port. The others name it again.
  await cluster.servers[0].restart();
  await client.flush();
  expect(client.info?.connect_urls).toContain(`127.0.0.1:${cluster.servers[0].port}`);
});
