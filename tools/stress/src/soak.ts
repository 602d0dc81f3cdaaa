// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@natswire/node";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { Random } from "../../testkit/random.ts";
import { type MemoryFigures, MemorySamples } from "./memory-samples.ts";
import { SelfPublisher, type Totals } from "./self-publisher.ts";
import { sum } from "./totals.ts";

const PUBLISHERS = 3;
// Milliseconds between two bursts of a publisher.
const EVERY = 5;

/** The results of a soak. */
export interface Summary extends Totals, MemoryFigures {
  readonly minutes: number;
  readonly kills: number;
  readonly broken: readonly string[];
}

/** Runs publishers against one real nats-server that is killed at random and restarted. */
export async function soak(minutes: number, seed: number): Promise<Summary> {
  const random = new Random(seed);
  let server = await startNatsServer("");
  const { port } = server;
  const publishers: SelfPublisher[] = [];
  for (let i = 0; i < PUBLISHERS; i++) {
    const servers = `nats://127.0.0.1:${port}`;
    const client = await connect({ servers, pingInterval: 1000, maxReconnectTimeWait: 200, maxReconnectAttempts: -1 });
    publishers.push(new SelfPublisher(client, `self.${i}`, EVERY));
  }
  const end = performance.now() + minutes * 60_000;
  const memory = new MemorySamples();
  let kills = 0;
  try {
    while (performance.now() < end && publishers.every(({ broken }) => broken.length === 0)) {
      await sleep(Math.min(end - performance.now(), 500 + random.below(10_000)));
      await server.stop();
      kills++;
      await sleep(random.below(2000));
      server = await startNatsServer("", port);
      for (const publisher of publishers) await publisher.settled();
    }
    for (const publisher of publishers) {
      publisher.stop();
      await publisher.settled();
      publisher.checkStats();
    }
  } finally {
    memory.stop();
    for (const publisher of publishers) publisher.stop();
    for (const { client } of publishers) await client.close();
    await server.stop();
  }
  return {
    minutes,
    kills,
    ...sum(publishers.map(({ totals }) => totals)),
    ...memory.figures,
    broken: [...publishers.flatMap(({ broken }) => broken), ...memory.broken],
  };
}
