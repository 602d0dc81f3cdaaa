// SPDX-License-Identifier: Apache-2.0
// Memory of a client whose connections are refused, and of one that passes a million messages.
import { connect, serve } from "@natswire/node";
import { freePort } from "../../testkit/free-port.ts";
import type { Case } from "./memory.ts";

const DIALS = 10_000;
const BATCH = 1000;

export const clientCases: Readonly<Record<string, Case>> = {
  "10,000 dials that are refused": async (look) => {
    const port = await freePort();
    const leaving = new AbortController();
    let dials = 0;
    const failed = connect({
      servers: `nats://127.0.0.1:${port}`,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      signal: leaving.signal,
      reconnectDelay: () => {
        if (++dials === DIALS) {
          look();
          leaving.abort(leaving);
        }
        return 0;
      },
    });
    await failed.catch((error: unknown) => {
      if (error !== leaving) throw error;
    });
    return leaving;
  },
  "a million messages through a client": (look) => throughAClient(1_000_000, look),
};

/** Publishes to a subscription of the same client, through a server in the same process. */
export async function throughAClient(messages: number, look: () => void): Promise<unknown> {
  const server = await serve();
  const client = await connect({ servers: server.url });
  let received = 0;
  client.subscribe("a.*", { callback: () => void received++ });
  const payload = new Uint8Array(16);
  for (let sent = 0; sent < messages; sent += BATCH) {
    for (let i = 0; i < BATCH; i++) client.publish("a.b", payload);
    await client.flush();
  }
  look();
  if (received !== messages) throw new Error(`${received} of ${messages} messages came back`);
  await client.close();
  await server.close();
  return client;
}
