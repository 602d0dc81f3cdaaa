// SPDX-License-Identifier: Apache-2.0
// The memory of a client that never connects, and of one that receives a million messages.
import { connect, serve } from "@natswire/node";
import { freePort } from "../../../testkit/free-port.ts";
import type { Case } from "./main.ts";

const DIALS = 10_000;
const BATCH = 1000;

export const clientCases: Readonly<Record<string, Case>> = {
  "10,000 refused dials": async (measure) => {
    const port = await freePort();
    const abort = new AbortController();
    let dials = 0;
    const failed = connect({
      servers: `nats://127.0.0.1:${port}`,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      signal: abort.signal,
      reconnectDelay: () => {
        if (++dials === DIALS) {
          measure();
          abort.abort(abort);
        }
        return 0;
      },
    });
    await failed.catch((error: unknown) => {
      if (error !== abort) throw error;
    });
    return abort;
  },
  "a million messages through a client": (measure) => throughAClient(1_000_000, measure),
};

/** Runs a client that publishes to itself through a server in the same process. */
export async function throughAClient(messages: number, measure: () => void): Promise<unknown> {
  const server = await serve();
  const client = await connect({ servers: server.url });
  let received = 0;
  client.subscribe("a.*", { callback: () => void received++ });
  const payload = new Uint8Array(16);
  for (let sent = 0; sent < messages; sent += BATCH) {
    for (let i = 0; i < BATCH; i++) client.publish("a.b", payload);
    await client.flush();
  }
  measure();
  if (received !== messages) throw new Error(`received ${received} of ${messages} messages`);
  await client.close();
  await server.close();
  return client;
}
