// SPDX-License-Identifier: Apache-2.0
// A client on a pair of web streams, here those of a TCP socket in Node: node streams.mjs
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { Duplex } from "node:stream";
import { connectWith, streamDial } from "@natswire/io";
import { serve } from "@natswire/node";

const dial = streamDial(async ({ host, port }) => {
  const socket = connectTcp(port, host);
  await once(socket, "connect");
  return Duplex.toWeb(socket); // { readable, writable }
});

const server = await serve();
server.subscribe("greet", {
  callback: (message) => message.respond(`hello, ${message.text()}`),
});

const client = await connectWith(dial, { servers: server.url });
console.log((await client.request("greet", "ann")).text());
await client.close();
await server.close();
