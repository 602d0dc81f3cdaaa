// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runtime } from "../../../tools/testkit/runtimes.ts";

const [deno = "", ...options] = runtime("deno").command;
const running = new Set<ChildProcess>();

/** A program in Deno, on the sources. It sends and receives lines of JSON. */
export class Program {
  /** Resolves to its exit code. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** @param name of a file in `programs` @param argument passed to it as JSON */
  constructor(name: string, argument: unknown) {
    const file = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
    const args = [...options, "--conditions=@natswire/source", file, JSON.stringify(argument)];
    this.#child = spawn(deno, args, { stdio: ["pipe", "pipe", "inherit"] });
    running.add(this.#child);
    this.ended = new Promise((resolve) => this.#child.once("close", resolve));
    void this.ended.then(() => running.delete(this.#child));
    this.#lines = createInterface(this.#child.stdout!)[Symbol.asyncIterator]();
  }

  /** Receives the next line. @throws Error if the program has ended */
  async next(): Promise<unknown> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error("the program ended");
    return JSON.parse(value);
  }

  send(what: unknown): void {
    this.#child.stdin!.write(`${JSON.stringify(what)}\n`);
  }

  /** Ends its input. */
  endInput(): void {
    this.#child.stdin!.end();
  }
}

/** Kills the programs that have not ended. */
export function endPrograms(): void {
  for (const child of running) child.kill("SIGKILL");
}
