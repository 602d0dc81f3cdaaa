// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Memory } from "./memory-probe.ts";

// Relative to the bundle.
const program = fileURLToPath(new URL("../../../packages/cli/dist/main.js", import.meta.url));
const probe = new URL("memory-probe.js", import.meta.url).href;

/** The server of `npm run serve`, in a process of its own. */
export class ServerProcess {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async start(): Promise<ServerProcess> {
    const child = spawn(process.execPath, ["--expose-gc", "--import", probe, program, "serve", "--port", "0"], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let port: string | undefined;
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stderr! })) {
      lines.push(line);
      port = /^nats:\/\/127\.0\.0\.1:(\d+) is listening/.exec(line)?.[1];
      if (port !== undefined) break;
    }
    if (port === undefined) throw new Error(`the server printed ${lines.join("\n")}`);
    child.stderr!.pipe(process.stderr);
    return new ServerProcess(child, Number(port));
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Resolves to the bytes in use after a garbage collection. */
  async memory(): Promise<number> {
    this.#process.send("memory");
    const [{ bytes }] = (await once(this.#process, "message")) as [Memory];
    return bytes;
  }

  /** Kills the process. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Stops the server as ctrl+c does. Resolves to its exit code. */
  async stop(): Promise<number | null> {
    if (this.isAlive) {
      const exit = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      await exit;
    }
    return this.#process.exitCode;
  }
}
