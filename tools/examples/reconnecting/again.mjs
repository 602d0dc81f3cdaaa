// SPDX-License-Identifier: Apache-2.0
import { connect, serve } from "@natswire/node";

const server = await serve();
const client = await connect({ servers: server.url });
client.reconnect();

/**
 * Resolves when the client is connected again, or closed.
 *
 * @param {import("@natswire/node").Connection} client
 */
function connectedAgain(client) {
  return new Promise((resolve) => {
    const remove = client.onStatus(({ type }) => {
      if (type !== "reconnect" && type !== "close") return;
      remove();
      resolve(undefined);
    });
  });
}

if (!client.isConnected) await connectedAgain(client);
await client.flush();
console.log("connected again");

await client.close();
await server.close();
