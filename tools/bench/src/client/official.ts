// SPDX-License-Identifier: Apache-2.0
import { setImmediate as immediate } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";
import { batchOf, TIMEOUT } from "./batch.ts";
import type { Player } from "./player.ts";

/** Connects the official client, `@nats-io/transport-node`. */
export async function official(servers: string, subject: string): Promise<Player> {
  const client = await connect({ servers });
  return {
    async publish(payload, messages) {
      const batch = batchOf(payload.length);
      for (let i = 1; i <= messages; i++) {
        client.publish(subject, payload);
        if (i % batch === 0) await immediate();
      }
      await client.flush();
    },
    async subscribe(work, onMessage) {
      if (work === "callback") client.subscribe(subject, { callback: (_, { data }) => onMessage(data.length) });
      else void read(onMessage);
      await client.flush();
    },
    async request(payload, messages, ways) {
      let bytes = 0;
      const requester = async (times: number): Promise<void> => {
        for (let i = 0; i < times; i++) {
          const { data: reply } = await client.request(subject, payload, { timeout: TIMEOUT });
          bytes += reply.length;
        }
      };
      await Promise.all(Array.from({ length: ways }, () => requester(messages / ways)));
      return bytes;
    },
  };

  async function read(onMessage: (bytes: number) => void): Promise<void> {
    for await (const { data } of client.subscribe(subject)) onMessage(data.length);
  }
}
