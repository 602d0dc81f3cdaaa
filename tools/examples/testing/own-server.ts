// SPDX-License-Identifier: Apache-2.0
import { connect, serve } from "@natswire/node";
import { test } from "vitest";

/**
 * Gives each test that names `server` or `client` its own.
 * A failed test prints the transcript.
 */
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
