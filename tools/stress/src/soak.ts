// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connect } from "@natswire/node";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { Random } from "../../testkit/random.ts";
import { type Sums, Talker } from "./self-publisher.ts";
import { total } from "./totals.ts";

const TALKERS = 3;
const EVERY = 5;
const SAMPLE = 5000;
const MEBIBYTE = 1 << 20;
// Memory above what was used after a quarter of the time.
const GROWTH = 4 * MEBIBYTE;

/** What became of it. */
export interface Summary extends Sums {
  readonly minutes: number;
  readonly kills: number;
  /** Bytes in use after a quarter of the time, and at the end. */
  readonly before: number;
  readonly after: number;
  /** Bytes an hour, the line that fits best from a quarter of the time on. */
  readonly slope: number;
  readonly broken: readonly string[];
}

/** Talkers at one real nats-server, which is killed at random and started anew. */
export async function soak(minutes: number, seed: number): Promise<Summary> {
  const random = new Random(seed);
  let server = await startNatsServer("");
  const { port } = server;
  const talkers: Talker[] = [];
  for (let i = 0; i < TALKERS; i++) {
    const servers = `nats://127.0.0.1:${port}`;
    const client = await connect({ servers, pingInterval: 1000, maxReconnectTimeWait: 200, maxReconnectAttempts: -1 });
    talkers.push(new Talker(client, `talk.${i}`, EVERY));
  }
  const began = performance.now();
  const end = began + minutes * 60_000;
  const samples: Sample[] = [];
  const timer = setInterval(() => samples.push({ at: performance.now() - began, bytes: inUse() }), SAMPLE);
  let kills = 0;
  try {
    while (performance.now() < end && talkers.every(({ broken }) => broken.length === 0)) {
      await sleep(Math.min(end - performance.now(), 500 + random.below(10_000)));
      await server.stop();
      kills++;
      await sleep(random.below(2000));
      server = await startNatsServer("", port);
      for (const talker of talkers) await talker.settled();
    }
    for (const talker of talkers) {
      talker.stop();
      await talker.settled();
      talker.compare();
    }
  } finally {
    clearInterval(timer);
    for (const talker of talkers) talker.stop();
    for (const { client } of talkers) await client.close();
    await server.stop();
  }
  const steady = samples.slice(Math.floor(samples.length / 4));
  const [before, after] = [steady[0]?.bytes ?? 0, steady.at(-1)?.bytes ?? 0];
  const broken = talkers.flatMap((talker) => talker.broken);
  if (after - before > GROWTH)
    broken.push(`${before} bytes were in use after a quarter of the time, ${after} at the end`);
  return { minutes, kills, ...total(talkers.map(({ sums }) => sums)), before, after, slope: slopeOf(steady), broken };
}

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

function inUse(): number {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [at, bytes] = [mean((one) => one.at), mean((one) => one.bytes)];
  const spread = mean((one) => (one.at - at) ** 2);
  return spread === 0 ? 0 : (mean((one) => (one.at - at) * (one.bytes - bytes)) / spread) * 3_600_000;
}
