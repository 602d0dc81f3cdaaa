// SPDX-License-Identifier: Apache-2.0
import { connect, serve } from "@natswire/node";

async function main(): Promise<void> {
  const server = await serve();
  const client = await connect(server.url);
  client.subscribe("greet", {
    callback: (message) => message.respond(`hello, ${message.text()}`),
  });
  const reply = await client.request("greet", "ann");
  console.log(reply.text());
  await client.drain();
  await server.close();
}

void main();
