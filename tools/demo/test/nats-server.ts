// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A real nats-server on a free port, for as long as a test runs. */
export interface RealServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts it with these lines of configuration.
 *
 * @throws where there is none, with the command that installs it
 */
export async function startNatsServer(config: string): Promise<RealServer> {
  const program =
    process.env["NATS_SERVER"] ?? ["/usr/sbin/nats-server", "/usr/local/bin/nats-server"].find(existsSync);
  if (program === undefined) throw new Error("nats-server is missing: apt-get install nats-server");
  const folder = mkdtempSync(join(tmpdir(), "natswire-"));
  const file = join(folder, "server.conf");
  writeFileSync(file, `host: 127.0.0.1\nport: -1\nports_file_dir: "${folder}"\n${config}\n`);
  const child = spawn(program, ["-c", file], { stdio: "ignore" });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    const port = await portOf(folder);
    return {
      port,
      async stop() {
        child.kill();
        await gone;
        rmSync(folder, { recursive: true });
      },
    };
  } catch (error) {
    child.kill();
    throw error;
  }
}

async function portOf(folder: string): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    await sleep(50);
    const file = readdirSync(folder).find((name) => name.endsWith(".ports"));
    if (file === undefined) continue;
    try {
      const { nats } = JSON.parse(readFileSync(join(folder, file), "utf8")) as { nats: string[] };
      return Number(new URL(nats[0]!).port);
    } catch {
      // Half written: the next try reads the rest.
    }
  }
  throw new Error("nats-server did not write its ports file");
}
