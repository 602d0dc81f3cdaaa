// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runtime } from "../../../tools/testkit/runtimes.ts";

const [deno = "", ...options] = runtime("deno").command;
const running = new Set<ChildProcess>();

/** A program in Deno, on the sources; what it says and hears is a line of JSON each. */
export class Program {
  /** Its exit code, when it has ended by itself. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** @param name of a file in `programs` */
  constructor(name: string, told: unknown) {
    const file = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
    const args = [...options, "--conditions=@natswire/source", file, JSON.stringify(told)];
    this.#child = spawn(deno, args, { stdio: ["pipe", "pipe", "inherit"] });
    running.add(this.#child);
    this.ended = new Promise((resolve) => this.#child.once("close", resolve));
    void this.ended.then(() => running.delete(this.#child));
    this.#lines = createInterface(this.#child.stdout!)[Symbol.asyncIterator]();
  }

  async hear(): Promise<unknown> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error("the program ended");
    return JSON.parse(value);
  }

  say(what: unknown): void {
    this.#child.stdin!.write(`${JSON.stringify(what)}\n`);
  }

  /** Says no more. */
  leave(): void {
    this.#child.stdin!.end();
  }
}

/** Ends those that have not ended by themselves. */
export function endPrograms(): void {
  for (const child of running) child.kill("SIGKILL");
}
