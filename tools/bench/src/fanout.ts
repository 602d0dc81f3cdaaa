// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { natsServerVersion, startNatsServer } from "../../testkit/nats-server.ts";

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

interface Contestant {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

const loads: readonly (Fanout & { readonly messages: number })[] = [
  { subscribers: 1, size: 16, subjects: 1, messages: 1_000_000 },
  { subscribers: 10, size: 16, subjects: 1, messages: 400_000 },
  { subscribers: 10, size: 16, subjects: 100, messages: 400_000 },
  { subscribers: 100, size: 16, subjects: 1, messages: 40_000 },
  { subscribers: 10, size: 1024, subjects: 1, messages: 40_000 },
];

const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

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
      const ratios = readings.map(([a, b]) => a.deliveriesPerSecond / b.deliveriesPerSecond).sort((a, b) => a - b);
      const at = (part: number): number => ratios[Math.floor(part * (ratios.length - 1))]!;
      rows.push({
        load,
        ours: middle(readings.map(([a]) => a)),
        theirs: middle(readings.map(([, b]) => b)),
        ratio: at(0.5),
        low: at(0.25),
        high: at(0.75),
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
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [folderOf("./fanout-load.js"), String(port), JSON.stringify(shape), String(messages)],
    { encoding: "utf8", timeout: 120_000 },
  );
  if (status !== 0) throw new Error(`fanout-load.js failed: ${stderr}`);
  const { nanoseconds, deliveries } = JSON.parse(stdout) as { nanoseconds: number; deliveries: number };
  // The warm-up adds a tenth to the load.
  return {
    deliveriesPerSecond: (deliveries / nanoseconds) * 1e9,
    cpuPerDelivery: (cpuOf(pid) - before) / (1.1 * deliveries),
  };
}

function middle(readings: readonly Reading[]): Reading {
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
  return {
    deliveriesPerSecond: median(readings.map(({ deliveriesPerSecond }) => deliveriesPerSecond)),
    cpuPerDelivery: median(readings.map(({ cpuPerDelivery }) => cpuPerDelivery)),
  };
}

/** Returns the CPU time of a process in nanoseconds, user and system. The kernel counts in hundredths of a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1e7;
}

async function embedded(): Promise<Contestant> {
  const child = spawn(process.execPath, [folderOf("./fanout-serve.js")], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  return {
    pid: child.pid!,
    port: Number(port),
    async stop() {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}
