// SPDX-License-Identifier: Apache-2.0
// A service that leaves a server in lame duck mode without a gap: node moving.mjs nats://127.0.0.1:4222,nats://127.0.0.1:4223
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@natswire/node";

/** Starts a client. It replaces itself if its server will shut down. */
async function start() {
  const client = await connect({ servers: process.argv[2], name: "orders" });
  client.onStatus((status) => {
    if (status.type === "ldm") move(client).catch(console.error);
  });
  client.subscribe("orders.new", {
    queue: "orders",
    callback: (order) => order.respond(`took ${order.text()}`),
  });
  await client.flush(); // this server has received the subscription
  console.log("ready");
}

/** @param {import("@natswire/node").Connection} old */
async function move(old) {
  await start(); // a server in lame duck mode accepts no new client
  await sleep(1000); // the other servers of the cluster learn of the new subscription
  await old.drain();
}

await start();
