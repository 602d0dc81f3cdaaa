// SPDX-License-Identifier: Apache-2.0
import { natsServerVersion, startNatsServer } from "../../testkit/nats-server.ts";
import { type Contestant, cpuOf, embedded, quartiles, runLoad } from "./contestants.ts";

/** One publisher, and subscribers that all receive every message. */
export interface Fanout {
  readonly subscribers: number;
  readonly size: number;
  readonly subjects: number;
}

/** The embedded server and a nats-server under the same load. */
export interface FanoutRow {
  readonly load: string;
  readonly ours: Reading;
  readonly theirs: Reading;
  /** The ratio of deliveries per second, ours to theirs: the median of all rounds, and the quartiles. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
  /** The version of the nats-server. */
  readonly version: string;
}

/** The medians of all rounds. */
interface Reading {
  readonly deliveriesPerSecond: number;
  /** The CPU time of the server's process, all threads, in nanoseconds. */
  readonly cpuPerDelivery: number;
}

const loads: readonly (Fanout & { readonly messages: number })[] = [
  { subscribers: 1, size: 16, subjects: 1, messages: 1_000_000 },
  { subscribers: 10, size: 16, subjects: 1, messages: 400_000 },
  { subscribers: 10, size: 16, subjects: 100, messages: 400_000 },
  { subscribers: 100, size: 16, subjects: 1, messages: 40_000 },
  { subscribers: 10, size: 1024, subjects: 1, messages: 40_000 },
];

/** Runs each load on both servers in turns, so that other processes slow down both. */
export async function againstNatsServer(rounds: number, progress: (done: string) => void): Promise<FanoutRow[]> {
  const rows: FanoutRow[] = [];
  for (const { messages, ...shape } of loads) {
    const load = `${shape.subscribers} subscribers, ${shape.size} B, ${shape.subjects} subjects`.replace(
      /\b1 (\w+)s/g,
      "1 $1",
    );
    const ours = await embedded();
    const theirs = await startNatsServer("");
    try {
      const readings: [Reading, Reading][] = [];
      for (let round = 0; round < rounds; round++) {
        progress(`${load}, round ${round + 1} of ${rounds}`);
        readings.push([measured(ours, shape, messages), measured(theirs, shape, messages)]);
      }
      const { median, low, high } = quartiles(readings.map(([a, b]) => a.deliveriesPerSecond / b.deliveriesPerSecond));
      rows.push({
        load,
        ours: middle(readings.map(([a]) => a)),
        theirs: middle(readings.map(([, b]) => b)),
        ratio: median,
        low,
        high,
        rounds,
        version: natsServerVersion(),
      });
    } finally {
      await Promise.all([ours.stop(), theirs.stop()]);
    }
  }
  return rows;
}

function measured({ pid, port }: Contestant, shape: Fanout, messages: number): Reading {
  const before = cpuOf(pid);
  const args = [String(port), JSON.stringify(shape), String(messages)];
  const { nanoseconds, deliveries } = runLoad<{ nanoseconds: number; deliveries: number }>("fanout-load.js", args);
  // The warm-up adds a tenth to the load.
  return {
    deliveriesPerSecond: (deliveries / nanoseconds) * 1e9,
    cpuPerDelivery: (cpuOf(pid) - before) / (1.1 * deliveries),
  };
}

function middle(readings: readonly Reading[]): Reading {
  return {
    deliveriesPerSecond: quartiles(readings.map(({ deliveriesPerSecond }) => deliveriesPerSecond)).median,
    cpuPerDelivery: quartiles(readings.map(({ cpuPerDelivery }) => cpuPerDelivery)).median,
  };
}
