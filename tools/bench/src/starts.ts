// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect } from "node:net";
import { serve } from "@natswire/node";

/** A start time in milliseconds: the median and the quartiles. */
export interface Start {
  readonly what: string;
  readonly milliseconds: number;
  readonly low: number;
  readonly high: number;
}

const TIMES = 200;

/** Measures the time from `serve()` to a listening server, and to the first bytes that a client receives. */
export async function startTimes(): Promise<Start[]> {
  return [
    await timed("serve() to a listening server", async () => {
      const server = await serve();
      return () => server.close();
    }),
    await timed("serve() to a client's INFO", async () => {
      const server = await serve();
      const client = connect(server.port, "127.0.0.1");
      await once(client, "data");
      return async () => {
        client.destroy();
        await server.close();
      };
    }),
  ];
}

async function timed(what: string, start: () => Promise<() => Promise<void>>): Promise<Start> {
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    const began = performance.now();
    const stop = await start();
    times.push(performance.now() - began);
    await stop();
  }
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(part * (TIMES - 1))]!;
  return { what, milliseconds: at(0.5), low: at(0.25), high: at(0.75) };
}
