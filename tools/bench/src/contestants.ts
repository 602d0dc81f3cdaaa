// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A server under test, in a process of its own. */
export interface Contestant {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts an embedded server in its own process. @param args of `fanout-serve.ts` */
export async function embedded(...args: readonly string[]): Promise<Contestant> {
  const child = spawn(process.execPath, [folderOf("./fanout-serve.js"), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
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

/** Runs a load in its own process. Returns what it printed, read as JSON. */
export function runLoad<T>(script: string, args: readonly string[]): T {
  const { stdout, stderr, status } = spawnSync(process.execPath, [folderOf(`./${script}`), ...args], {
    encoding: "utf8",
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Returns the CPU time of a process in nanoseconds, user and system. The kernel counts in hundredths of a second. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1e7;
}

/** Returns the median and the quartiles of values. */
export function quartiles(values: readonly number[]): {
  readonly median: number;
  readonly low: number;
  readonly high: number;
} {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))]!;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

function folderOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
