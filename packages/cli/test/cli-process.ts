// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** The built command. */
export const main: string = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Runs the command in a process. */
export class CliProcess {
  readonly process: ChildProcess & { readonly stdin: Writable; readonly stderr: Readable };
  output = "";
  errors = "";
  readonly #closed: Promise<unknown>;
  #look: () => void = () => {};

  /** @param args the arguments; a last one `>FILE` redirects stdout, as in a shell */
  constructor(...args: readonly string[]) {
    const file = args.at(-1)?.startsWith(">") ? args.at(-1)?.slice(1) : undefined;
    this.process = spawn(process.execPath, [main, ...(file === undefined ? args : args.slice(0, -1))], {
      stdio: ["pipe", file === undefined ? "pipe" : openSync(file, "w"), "pipe"],
    }) as CliProcess["process"];
    this.#closed = once(this.process, "close");
    this.process.stdout?.on("data", (data: Buffer) => {
      this.output += data.toString();
      this.#look();
    });
    this.process.stderr.on("data", (data: Buffer) => {
      this.errors += data.toString();
      this.#look();
    });
  }

  /** Waits for a match in stdout or stderr and returns it. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const late = Date.now() + 10_000;
    for (;;) {
      const found = pattern.exec(this.output) ?? pattern.exec(this.errors);
      if (found !== null) return found;
      if (Date.now() > late) throw new Error(`no ${pattern} in ${this.output}\nnor in ${this.errors}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.#look = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Returns the port it listens on. */
  async port(): Promise<number> {
    return Number((await this.waitFor(/^nats:\/\/\S+:(\d+) is listening/m))[1]);
  }

  /** Sends SIGINT, as ctrl+c does, and returns the exit code. */
  interrupt(): Promise<number | null> {
    this.process.kill("SIGINT");
    return this.ended();
  }

  /** Waits for the end and returns the exit code. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.process.exitCode;
  }
}

/** The commands of a test that run until ctrl+c. */
export class RunningCommands {
  #all: CliProcess[] = [];

  /** Starts a command, and waits until it has subscribed. */
  async start(...args: string[]): Promise<CliProcess> {
    const command = new CliProcess(...args);
    this.#all.push(command);
    await command.waitFor(/press ctrl\+c/);
    return command;
  }

  /** Leaves it to the test to end the commands that were started. */
  release(): void {
    this.#all = [];
  }

  /** Ends the commands, as ctrl+c does. */
  async interrupt(): Promise<void> {
    await Promise.all(this.#all.splice(0).map((command) => command.interrupt()));
  }
}

/** Runs the command to its end and returns what it printed. */
export async function runCli(
  args: readonly string[],
  input: string | Uint8Array = "",
): Promise<{ code: number | null; output: string; errors: string }> {
  const running = new CliProcess(...args);
  running.process.stdin.on("error", () => {});
  running.process.stdin.end(input);
  const code = await running.ended();
  return { code, output: running.output, errors: running.errors };
}
