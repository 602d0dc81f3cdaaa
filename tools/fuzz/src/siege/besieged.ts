// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Memory } from "./watch.ts";

const program = fileURLToPath(new URL("../../../packages/cli/dist/main.js", import.meta.url));
const watch = new URL("watch.js", import.meta.url).href;

/** What `npm run serve` runs, in a process of its own. */
export class Besieged {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async start(): Promise<Besieged> {
    const child = spawn(process.execPath, ["--expose-gc", "--import", watch, program, "serve", "--port", "0"], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const [line] = await once(createInterface({ input: child.stderr! }), "line");
    child.stderr!.pipe(process.stderr);
    const port = /^nats:\/\/127\.0\.0\.1:(\d+) is listening/.exec(String(line))?.[1];
    if (port === undefined) throw new Error(`the server says ${line}`);
    return new Besieged(child, Number(port));
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Bytes in use after a collection. */
  async held(): Promise<number> {
    this.#process.send("memory");
    const [{ held }] = (await once(this.#process, "message")) as [Memory];
    return held;
  }

  /** Ends it, whatever state it is in. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Asks it to end, as ctrl+c does. Returns its exit code. */
  async stop(): Promise<number | null> {
    if (this.isAlive) {
      const exit = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      await exit;
    }
    return this.#process.exitCode;
  }
}
