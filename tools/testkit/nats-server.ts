// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Certificate } from "./certificates.ts";

/** A running nats-server. */
export interface RealServer {
  readonly port: number;
  /** The port for WebSockets, if the configuration has a `websocket` block. */
  readonly webSocketPort: number | undefined;
  /** The URL of its monitoring endpoints, if the configuration has `http`. */
  readonly monitoringUrl: string | undefined;
  readonly pid: number;
  /** Reads its configuration and certificates again. New connections get the new ones a moment later; open ones stay. */
  reload(): void;
  /** Enters lame duck mode: notifies the clients and accepts no new ones. */
  lameDuck(): void;
  /** Resolves after the process has ended. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Returns the path of nats-server: the one that NATS_SERVER names; by default Debian's.
 *
 * @throws Error if it is missing, with the command that installs it
 */
function natsServer(): string {
  const program =
    process.env["NATS_SERVER"] ?? ["/usr/sbin/nats-server", "/usr/local/bin/nats-server"].find(existsSync);
  if (program === undefined) throw new Error("nats-server is missing: apt-get install nats-server");
  return program;
}

/** Returns the version of nats-server, such as `2.9.10`. */
export function natsServerVersion(): string {
  const output = execFileSync(natsServer(), ["--version"], { encoding: "utf8" });
  return /v(\d+\.\d+\.\d+)/.exec(output)![1]!;
}

/** Returns the block `tls` of a nats-server's configuration, with more lines in it. */
export function tlsConfig(
  { certFile, keyFile }: Pick<Certificate, "certFile" | "keyFile">,
  ...more: readonly string[]
): string {
  return `tls { ${[`cert_file: "${certFile}"`, `key_file: "${keyFile}"`, ...more].join(", ")} }`;
}

// No server outlives the process that started it.
const running = new Set<ChildProcess>();
process.once("exit", killAll);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    killAll();
    // Ends as it would have without this listener.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  });
}

function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/**
 * Starts a nats-server with these lines of configuration.
 *
 * @param port a free one by default
 * @throws Error if it is missing, with the command that installs it
 */
export function startNatsServer(config: string, port = -1): Promise<RealServer> {
  return start(mkdtempSync(join(tmpdir(), "natswire-")), config, port);
}

/**
 * Starts a nats-server with JetStream and these lines of configuration. Its streams are removed when it stops.
 *
 * @throws Error if it is missing, with the command that installs it
 */
export function startJetStreamServer(config = ""): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), "natswire-"));
  return start(folder, `jetstream { store_dir: "${folder}" }\n${config}`, -1);
}

async function start(folder: string, config: string, port: number): Promise<RealServer> {
  const file = join(folder, "server.conf");
  writeFileSync(file, `host: 127.0.0.1\nport: ${port}\n${config}\n`);
  return run(file, folder);
}

/**
 * Starts a nats-server with a file as its whole configuration, which sets the address too.
 *
 * @throws Error if it is missing, with the command that installs it
 */
export function startNatsServerFrom(file: string): Promise<RealServer> {
  return run(file, mkdtempSync(join(tmpdir(), "natswire-")));
}

async function run(file: string, folder: string): Promise<RealServer> {
  const child = spawn(natsServer(), ["-c", file, "--ports_file_dir", folder], { stdio: "ignore" });
  running.add(child);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void exited.then(() => running.delete(child));
  try {
    return {
      ...(await portsIn(folder)),
      pid: child.pid!,
      reload: () => void child.kill("SIGHUP"),
      lameDuck: () => void child.kill("SIGUSR2"),
      exited,
      async stop() {
        // In lame duck mode it ignores other signals.
        child.kill("SIGKILL");
        await exited;
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    child.kill();
    throw error;
  }
}

async function portsIn(folder: string): Promise<Pick<RealServer, "port" | "webSocketPort" | "monitoringUrl">> {
  for (let tries = 0; tries < 200; tries++) {
    await sleep(50);
    const file = readdirSync(folder).find((name) => name.endsWith(".ports"));
    if (file === undefined) continue;
    try {
      const ports = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, string[]>;
      const { nats, websocket, monitoring } = ports;
      return {
        port: Number(new URL(nats![0]!).port),
        webSocketPort: websocket && Number(new URL(websocket[0]!).port),
        monitoringUrl: monitoring?.[0],
      };
    } catch {
      // Written in part: the next try reads the rest.
    }
  }
  throw new Error("nats-server did not write its ports file");
}
