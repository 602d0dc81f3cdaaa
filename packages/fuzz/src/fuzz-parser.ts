// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { withBundle } from "./bundle.ts";
import { escaped } from "./escape.ts";
import { UnusableTarget } from "./finding.ts";
import { chunksOf, quoted, type Repeat } from "./format.ts";
import { fromLatin1 } from "./latin1.ts";
import type { ParserData } from "./parser-worker.ts";
import { type Outcome, type Progress, run, type Task } from "./run.ts";
import { testFile } from "./test-case.ts";

/** A run of a parser: a module, or a command. */
export interface ParserTask
  extends Omit<Task, "worker" | "data" | "corpus">,
    Pick<ParserData, "from" | "limits" | "allow"> {
  /** The path of the module. */
  readonly target?: string | undefined;
  readonly command?: string | undefined;
}

/** Fuzzes a parser. @throws UnusableTarget */
export async function fuzzParser(task: ParserTask, watch?: (progress: Progress) => void): Promise<Outcome> {
  const { target, command, from, limits, allow, ...others } = task;
  const worker = new URL("./parser-worker.js", import.meta.url);
  const fuzz = (data: ParserData, guided: boolean): Promise<Outcome> =>
    run({ ...others, guided, worker, data: { ...data, from, limits, allow } }, watch);
  if (target === undefined) return fuzz({ command }, false);
  if (!existsSync(target)) throw new UnusableTarget(`the file "${target}" does not exist`);
  const file = resolve(target);
  // Without coverage, what Node imports by itself needs no bundle, which native and WebAssembly modules do not survive.
  if (!task.guided && /\.[cm]?js$/.test(file)) return fuzz({ module: pathToFileURL(file).href }, false);
  return withBundle(file, task.guided, (module) => fuzz({ module }, task.guided));
}

/** The part of a task that says which parser it is. */
type ParserNames = Pick<ParserTask, "target" | "command" | "from" | "limits">;

/** Returns how to repeat the findings of a parser. `program` is the command that runs the fuzzer. */
export function repeatOf({ target, command, from, limits }: ParserNames, program: string): Repeat {
  const options = [command === undefined ? `--target ${target}` : `--command ${quoted(command)}`];
  if (from !== undefined) options.push(`--from ${from}`);
  if (limits !== undefined) {
    const words = Object.entries(limits).map((limit) => limit.join("="));
    options.push(`--limits ${words.join(",")}`);
  }
  return {
    command: ({ input }) => [program, ...options, "--input", quoted(escaped(input))].join(" "),
    tests(findings) {
      if (command === undefined) return ["as a test file for vitest", testFile(findings, importedAs(target!))];
      const lines = findings.map((finding) => JSON.stringify({ chunks: chunksOf(finding).map(fromLatin1) }));
      return ["as input for the command", lines.join("\n")];
    },
  };
}

/** Returns a path as an import in the current folder names it. */
function importedAs(path: string): string {
  const name = relative(".", path).split(sep).join("/");
  return name.startsWith(".") ? name : `./${name}`;
}
