// SPDX-License-Identifier: Apache-2.0
// A Cloudflare Worker that takes an order: publishes it, waits until it is accepted, and requests its price.
// Run in this folder, with NATS_URL in the environment:
//   npx esbuild worker.mjs --bundle --format=esm --external:cloudflare:sockets --outfile=dist/worker.mjs
//   npx workerd serve worker.capnp
import { connect } from "cloudflare:sockets";
import { ConnectionError, connectWith, MsgHeaders, streamDial } from "@natswire/io";

// A Worker's socket is a pair of streams: TLS from the first byte, or no TLS.
const dial = streamDial(async ({ scheme, host, port }) => {
  const secureTransport = scheme === "tls-first" ? "on" : "off";
  const socket = connect({ hostname: host, port }, { secureTransport });
  await socket.opened;
  return socket;
});

export default {
  async fetch(request, { NATS_URL }) {
    const handshakeFirst = NATS_URL.startsWith("tls:");
    const id = crypto.randomUUID();
    const headers = new MsgHeaders([["order", id]]);
    let client;
    try {
      // A socket belongs to the request that opened it: no later request can use it.
      client = await connectWith(dial, {
        servers: NATS_URL,
        handshakeFirst,
        reconnect: false,
        timeout: 5000,
      });
      const accepted = client.subscribe(`orders.${id}.accepted`, {
        max: 1,
        signal: AbortSignal.timeout(5000),
      });
      client.publish(`orders.${id}.new`, new Uint8Array(await request.arrayBuffer()), {
        headers,
      });
      let by;
      for await (const message of accepted) by = message.headers?.get("by");
      const price = await client.request("price", id, { headers, timeout: 5000 });
      // The server has received everything, and the connection is closed.
      await client.drain();
      const { confirmed } = client.stats;
      return Response.json({
        id,
        by,
        price: price.json(),
        currency: price.headers?.get("currency"),
        confirmed,
      });
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return Response.json({ error: error.code }, { status: 503 });
    } finally {
      await client?.close();
    }
  },
};
