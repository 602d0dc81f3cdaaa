// SPDX-License-Identifier: Apache-2.0
import { setImmediate as immediate } from "node:timers/promises";
import { connectNatswire } from "./adapter.ts";
import { batchOf, MAX_PENDING, TIMEOUT } from "./batch.ts";
import type { CoreWork } from "./loads.ts";
import type { Player } from "./player.ts";

/** Connects natswire. */
export async function natswire(servers: string, subject: string, _: number, work: CoreWork): Promise<Player> {
  const client = await connectNatswire({ servers, ...(work === "many" ? { maxPending: MAX_PENDING } : {}) });
  return {
    async publish(payload, messages) {
      const batch = batchOf(payload.length);
      for (let i = 1; i <= messages; i++) {
        if (!client.publish(subject, payload)) await client.ready();
        if (i % batch === 0) await immediate();
      }
      await client.flush();
    },
    async subscribe(work, onMessage) {
      if (work === "callback") client.subscribe(subject, { callback: ({ payload }) => onMessage(payload.length) });
      else void read(onMessage);
      await client.flush();
    },
    async request(payload, messages, ways) {
      let bytes = 0;
      const requester = async (times: number): Promise<void> => {
        for (let i = 0; i < times; i++) {
          const { payload: reply } = await client.request(subject, payload, { timeout: TIMEOUT });
          bytes += reply.length;
        }
      };
      await Promise.all(Array.from({ length: ways }, () => requester(messages / ways)));
      return bytes;
    },
  };

  async function read(onMessage: (bytes: number) => void): Promise<void> {
    for await (const { payload } of client.subscribe(subject)) onMessage(payload.length);
  }
}
