// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@natswire/node";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { Random } from "../../testkit/random.ts";
import { bytesInUse } from "./memory-in-use.ts";
import { SelfPublisher, type Totals } from "./self-publisher.ts";
import { sum } from "./totals.ts";

const PUBLISHERS = 3;
// Milliseconds between two bursts of a publisher, and between two samples of the memory.
const EVERY = 5;
const SAMPLE = 5000;
const MEBIBYTE = 1 << 20;
// Bytes that the memory may grow by after a quarter of the time.
const GROWTH = 4 * MEBIBYTE;

/** The results of a soak. */
export interface Summary extends Totals {
  readonly minutes: number;
  readonly kills: number;
  /** Bytes in use after a quarter of the time, and at the end. */
  readonly before: number;
  readonly after: number;
  /** Growth in bytes per hour: the slope of the line that best fits the samples after a quarter of the time. */
  readonly slope: number;
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
  const began = performance.now();
  const end = began + minutes * 60_000;
  const samples: Sample[] = [];
  const timer = setInterval(() => samples.push({ at: performance.now() - began, bytes: bytesInUse() }), SAMPLE);
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
    clearInterval(timer);
    for (const publisher of publishers) publisher.stop();
    for (const { client } of publishers) await client.close();
    await server.stop();
  }
  const steady = samples.slice(Math.floor(samples.length / 4));
  const [before, after] = [steady[0]?.bytes ?? 0, steady.at(-1)?.bytes ?? 0];
  const broken = publishers.flatMap((publisher) => publisher.broken);
  if (after - before > GROWTH)
    broken.push(`memory grew from ${before} bytes after a quarter of the time to ${after} at the end`);
  return {
    minutes,
    kills,
    ...sum(publishers.map(({ totals }) => totals)),
    before,
    after,
    slope: slopeOf(steady),
    broken,
  };
}

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Returns the growth in bytes per hour, by least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [at, bytes] = [mean((one) => one.at), mean((one) => one.bytes)];
  const spread = mean((one) => (one.at - at) ** 2);
  return spread === 0 ? 0 : (mean((one) => (one.at - at) * (one.bytes - bytes)) / spread) * 3_600_000;
}
