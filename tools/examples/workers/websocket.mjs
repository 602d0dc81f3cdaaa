// SPDX-License-Identifier: Apache-2.0
// A Cloudflare Worker that requests a price over WebSocket.
import { connect } from "@natswire/websocket";

export default {
  async fetch(request, { NATS_URL }) {
    // A socket belongs to the request that opened it: no later request can use it.
    const client = await connect({
      servers: NATS_URL,
      reconnect: false,
      timeout: 5000,
    });
    const price = await client.request(
      "price",
      new Uint8Array(await request.arrayBuffer()),
      { timeout: 5000 },
    );
    await client.drain();
    return Response.json({ price: price.text() });
  },
};
