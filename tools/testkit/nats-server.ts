// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A real nats-server, for as long as a test runs. */
export interface RealServer {
  readonly port: number;
  /** Where WebSockets reach it, with `websocket { port: -1 }` and the like in its configuration. */
  readonly webSocketPort: number | undefined;
  readonly pid: number;
  /** Tells it to go: clients are told, and nobody new is let in. */
  lameDuck(): void;
  stop(): Promise<void>;
}

/**
 * The program: the one NATS_SERVER names, else Debian's.
 *
 * @throws where there is none, with the command that installs it
 */
function natsServer(): string {
  const program =
    process.env["NATS_SERVER"] ?? ["/usr/sbin/nats-server", "/usr/local/bin/nats-server"].find(existsSync);
  if (program === undefined) throw new Error("nats-server is missing: apt-get install nats-server");
  return program;
}

/** Its version, `2.9.10`. */
export function natsServerVersion(): string {
  const said = execFileSync(natsServer(), ["--version"], { encoding: "utf8" });
  return /v(\d+\.\d+\.\d+)/.exec(said)![1]!;
}

// None outlives whoever started it, however that ends.
const running = new Set<ChildProcess>();
process.once("exit", killAll);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    killAll();
    // As it would have ended without this.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  });
}

function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/**
 * Starts it with these lines of configuration.
 *
 * @param port a free one where left out
 * @throws where there is none, with the command that installs it
 */
export async function startNatsServer(config: string, port = -1): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), "natswire-"));
  const file = join(folder, "server.conf");
  writeFileSync(file, `host: 127.0.0.1\nport: ${port}\nports_file_dir: "${folder}"\n${config}\n`);
  const child = spawn(natsServer(), ["-c", file], { stdio: "ignore" });
  running.add(child);
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void gone.then(() => running.delete(child));
  try {
    return {
      ...(await portsIn(folder)),
      pid: child.pid!,
      lameDuck: () => void child.kill("SIGUSR2"),
      async stop() {
        // In lame duck mode it is deaf to anything less.
        child.kill("SIGKILL");
        await gone;
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    child.kill();
    throw error;
  }
}

async function portsIn(folder: string): Promise<Pick<RealServer, "port" | "webSocketPort">> {
  for (let tries = 0; tries < 200; tries++) {
    await sleep(50);
    const file = readdirSync(folder).find((name) => name.endsWith(".ports"));
    if (file === undefined) continue;
    try {
      const { nats, websocket } = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, string[]>;
      return { port: Number(new URL(nats![0]!).port), webSocketPort: websocket && Number(new URL(websocket[0]!).port) };
    } catch {
      // Half written: the next try reads the rest.
    }
  }
  throw new Error("nats-server did not write its ports file");
}
