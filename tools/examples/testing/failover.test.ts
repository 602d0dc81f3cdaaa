// SPDX-License-Identifier: Apache-2.0
import { connect, serveCluster } from "@natswire/node";
import { expect, onTestFinished, test } from "vitest";

test("moves to another server of the cluster", async () => {
  const cluster = await serveCluster(3, { record: true });
  onTestFinished(() => cluster.close());
  const client = await connect({ servers: cluster.url }); // of the first server, which names the others
  onTestFinished(() => client.close());
  const orders = client.subscribe("orders.new");
  await client.flush();

  await cluster.servers[0].kill();
  await cluster.transcript.expect({ op: "closed" });
  await cluster.transcript.expect({ op: "sub", subject: "orders.new" }); // on another server
  cluster.publish("orders.new", "1"); // reaches clients of every server
  expect((await orders.next()).text()).toBe("1");
  expect(cluster.servers.map(({ isRunning }) => isRunning)).toEqual([
    false,
    true,
    true,
  ]);

  await cluster.servers[0].restart(); // on the same port; the others name it again
  await client.flush();
  expect(client.info?.connect_urls).toContain(`127.0.0.1:${cluster.servers[0].port}`);
});
