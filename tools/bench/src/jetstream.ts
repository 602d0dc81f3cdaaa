// SPDX-License-Identifier: Apache-2.0
import { natsServerVersion, startJetStreamServer } from "../../testkit/nats-server.ts";
import { embedded, quartiles, runLoad } from "./contestants.ts";

/** Messages of one size that one client stores, or pulls and acknowledges one by one. */
export interface JetStreamLoad {
  readonly kind: "store" | "consume";
  readonly size: number;
}

/** The embedded server and a nats-server under the same load, each with a stream in memory. */
export interface JetStreamRow {
  readonly load: string;
  readonly ours: Reading;
  readonly theirs: Reading;
  /** The ratio of messages per second, ours to theirs: the median of all rounds, and the quartiles. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
  readonly version: string;
}

/** The medians of all rounds. */
interface Reading {
  readonly messagesPerSecond: number;
  /** The CPU time of the server's process, all threads, in nanoseconds. */
  readonly cpuPerMessage: number;
  /** By how much the memory of the server's process grew, in bytes for a message. */
  readonly bytesPerMessage: number;
}

/** What `jetstream-load.js` prints. */
interface Printed {
  readonly nanoseconds: number;
  readonly cpu: number;
  readonly messages: number;
  readonly memory: number;
}

const loads: readonly (JetStreamLoad & { readonly messages: number })[] = [
  { kind: "store", size: 16, messages: 200_000 },
  { kind: "store", size: 1024, messages: 50_000 },
  { kind: "consume", size: 16, messages: 100_000 },
];

/** Runs each load on both servers in turns, so that other processes slow down both. The first round warms up. */
export async function jetStreamAgainstNatsServer(
  rounds: number,
  progress: (done: string) => void,
): Promise<JetStreamRow[]> {
  const rows: JetStreamRow[] = [];
  for (const { messages, ...shape } of loads) {
    const load = `${shape.kind === "store" ? "store" : "pull and acknowledge"} ${shape.size} B`;
    const ours = await embedded("jetstream");
    const theirs = await startJetStreamServer();
    const measured = ({ pid, port }: { pid: number; port: number }): Reading =>
      read(runLoad("jetstream-load.js", [String(port), String(pid), JSON.stringify(shape), String(messages)]));
    try {
      const readings: [Reading, Reading][] = [];
      for (let round = 0; round <= rounds; round++) {
        progress(`${load}, round ${round} of ${rounds}`);
        readings.push([measured(ours), measured(theirs)]);
      }
      readings.shift();
      const { median, low, high } = quartiles(readings.map(([a, b]) => a.messagesPerSecond / b.messagesPerSecond));
      const [here, there] = [readings.map(([a]) => a), readings.map(([, b]) => b)];
      rows.push({
        load,
        ours: middle(here),
        theirs: middle(there),
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

function read({ nanoseconds, cpu, messages, memory }: Printed): Reading {
  return {
    messagesPerSecond: (messages / nanoseconds) * 1e9,
    cpuPerMessage: cpu / messages,
    bytesPerMessage: memory / messages,
  };
}

function middle(readings: readonly Reading[]): Reading {
  const median = (of: (one: Reading) => number): number => quartiles(readings.map(of)).median;
  return {
    messagesPerSecond: median((one) => one.messagesPerSecond),
    cpuPerMessage: median((one) => one.cpuPerMessage),
    bytesPerMessage: median((one) => one.bytesPerMessage),
  };
}

/** Formats the table of both servers. */
export function jetStreamTable(rows: readonly JetStreamRow[]): string {
  const thousands = (value: number): string => (value / 1000).toFixed(0);
  const micros = (value: number): string => `${(value / 1000).toFixed(2)} us`;
  const lines = rows.map(({ load, ours, theirs, ratio, low, high }) => {
    const speeds = `${thousands(ours.messagesPerSecond)} | ${thousands(theirs.messagesPerSecond)}`;
    const cpu = `${micros(ours.cpuPerMessage)} | ${micros(theirs.cpuPerMessage)}`;
    return `| ${load} | **${ratio.toFixed(2)}x** ${low.toFixed(2)}–${high.toFixed(2)} | ${speeds} | ${cpu} |`;
  });
  const head =
    "| load | messages, relative to nats-server | thousand per second, natswire | nats-server | CPU per message, natswire | nats-server |";
  return [head, "|---|---:|---:|---:|---:|---:|", ...lines].join("\n");
}
