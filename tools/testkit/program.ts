// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type RuntimeName, runtime } from "./runtimes.ts";

const running = new Set<ChildProcess>();

/** A program in a process of a runtime. It sends and receives lines of JSON. */
export class Program {
  /** Resolves to its exit code; `null` if it was killed. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterableIterator<string>;

  /**
   * @param args the file to run and its arguments
   * @param timeout milliseconds after which the process is killed
   */
  constructor(name: RuntimeName, args: readonly string[], timeout = 60_000) {
    const [program = "", ...options] = runtime(name).command;
    this.#child = spawn(program, [...options, ...args], { stdio: ["pipe", "pipe", "inherit"], timeout });
    running.add(this.#child);
    this.ended = new Promise((resolve) => this.#child.once("close", resolve));
    void this.ended.then(() => running.delete(this.#child));
    this.#lines = createInterface(this.#child.stdout!)[Symbol.asyncIterator]();
  }

  /**
   * Starts a TypeScript file on the sources of the packages.
   *
   * @param argument passed to the file as JSON
   */
  static onSources(name: "bun" | "deno", file: URL, argument: unknown): Program {
    return new Program(name, ["--conditions=@natswire/source", fileURLToPath(file), JSON.stringify(argument)]);
  }

  /** Receives the next line. @throws Error if the program has ended */
  async next(): Promise<unknown> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error("the program ended");
    return JSON.parse(value);
  }

  /** Receives every line until the program ends. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void> {
    for await (const line of this.#lines) yield JSON.parse(line);
  }

  send(what: unknown): void {
    this.#child.stdin!.write(`${JSON.stringify(what)}\n`);
  }

  /** Kills it. */
  kill(): void {
    this.#child.kill("SIGKILL");
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
