// SPDX-License-Identifier: Apache-2.0
import { connect, serve } from "@natswire/node";
import { listen } from "@natswire/node/websocket";

async function main() {
  const server = await serve();
  await server.listen(listen);
  const client = await connect(server.url);
  client.subscribe("greet", { callback: (message) => message.respond(`hello, ${message.text()}`) });
  const reply = await client.request("greet", "ann");
  if (reply.text() !== "hello, ann") throw new Error(`received ${reply.text()}`);
  await client.drain();
  await server.close();
}

main();
