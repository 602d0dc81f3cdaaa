// SPDX-License-Identifier: Apache-2.0
import { connect, serve } from "@natswire/node";

// Runs once, when the site is built.
export const dynamic = "force-static";

export async function GET() {
  const server = await serve();
  const client = await connect(server.url);
  client.subscribe("greet", { callback: (message) => message.respond(`hello, ${message.text()}`) });
  const reply = await client.request("greet", "ann");
  await client.drain();
  await server.close();
  return new Response(reply.text());
}
