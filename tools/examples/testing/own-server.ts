// SPDX-License-Identifier: Apache-2.0
import { connect } from "@nats-io/transport-node";
import { serve } from "@natswire/node";
import { test } from "vitest";

/** A test that names `server` or `client` gets its own; one that fails prints what was said. */
export const it = test
  .extend("server", async ({ onTestFailed }, { onCleanup }) => {
    const server = await serve({ record: true });
    onTestFailed(() => console.log(String(server.transcript)));
    onCleanup(() => server.close());
    return server;
  })
  .extend("client", async ({ server }, { onCleanup }) => {
    const client = await connect({ servers: server.url, reconnectTimeWait: 10 });
    onCleanup(() => client.close());
    return client;
  });
