// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { StorageType } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { toNatsConnection } from "@natswire/nats-js";
import { connect } from "@natswire/node";
import { putMarked } from "../../repo/marked.ts";
import { startJetStreamServer } from "../../testkit/nats-server.ts";
import { keyName, keyValue } from "./client/names.ts";
import { here } from "./report.ts";

/** The bytes that a kept entry takes on each client: the median of some processes. */
export interface Kept {
  readonly size: number;
  readonly natswire: number;
  readonly official: number;
}

const ENTRIES = 10_000;
const BATCH = 500;
const SIZES = [16, 1024];
// Relative to the bundle.
const KEEPER = fileURLToPath(new URL("./client/keeper.js", import.meta.url));

/** Measures entries of each size in several processes for each client. */
export async function measureKept(times: number): Promise<Kept[]> {
  const server = await startJetStreamServer();
  const url = `nats://127.0.0.1:${server.port}`;
  const client = await connect({ servers: url });
  const rows: Kept[] = [];
  try {
    for (const size of SIZES) {
      const name = `bucket-${size}`;
      const bucket = await new Kvm(toNatsConnection(client)).create(name, { storage: StorageType.Memory });
      for (let i = 0; i < ENTRIES; i += BATCH) {
        const puts = Array.from({ length: BATCH }, (_, j) => bucket.put(keyName(i + j), keyValue(i + j, size)));
        await Promise.all(puts);
      }
      const natswire: number[] = [];
      const official: number[] = [];
      for (let i = 0; i < times; i++) {
        natswire.push(await keptBy("natswire", url, name));
        official.push(await keptBy("official", url, name));
      }
      rows.push({ size, natswire: median(natswire), official: median(official) });
    }
  } finally {
    await client.close();
    await server.stop();
  }
  return rows;
}

/** Formats a table of bytes per entry. */
export function keptTable(rows: readonly Kept[]): string {
  const lines = rows.map(({ size, natswire, official }) => `| ${size} B | ${natswire} B | ${official} B |`);
  return ["| value | natswire | nats.js |", "|---:|---:|---:|", ...lines].join("\n");
}

/** Writes the table to docs/performance.md. */
export function recordKept(rows: readonly Kept[]): void {
  const { date, machine } = here();
  const note = `\`npm run bench -- kept --write\`, ${date}, ${machine}, Node ${process.versions.node}; bytes of heap and array buffers per entry after a collection, medians of 5 processes; nats.js is @nats-io/transport-node 3.4.0.`;
  putMarked("docs/performance.md", "kept", `${keptTable(rows)}\n\n${note}`);
}

async function keptBy(client: string, url: string, bucket: string): Promise<number> {
  const args = ["--expose-gc", KEEPER, client, url, bucket, String(ENTRIES)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Math.round(Number(stdout) / ENTRIES);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
