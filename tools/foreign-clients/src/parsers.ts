// SPDX-License-Identifier: Apache-2.0
// Runs the vectors of server frames on the parsers of other clients, and the examples of docs/fuzzing.md in Go and Rust.
//
//   node tools/foreign-clients/dist/parsers.js
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as codec from "@natswire/codec";
import { CommandParser } from "../../../packages/fuzz/src/command.ts";
import { differenceOf } from "../../../packages/fuzz/src/difference.ts";
import { latin1 } from "../../../packages/fuzz/src/latin1.ts";
import { read } from "../../../packages/fuzz/src/reading.ts";
import { cached, pythonIn, run } from "./clients.ts";

const PARSERS = fileURLToPath(new URL("../parsers/", import.meta.url));
const EXAMPLES = fileURLToPath(new URL("../../examples/fuzzing/", import.meta.url));
const VECTORS = fileURLToPath(new URL("../../../packages/codec/vectors/server-frames.json", import.meta.url));
const FUZZ = fileURLToPath(new URL("../../../packages/fuzz/bin/natswire-fuzz.js", import.meta.url));
const NATS_GO = "github.com/nats-io/nats.go@v1.55.0";
const RESULTS = "docs/results/vectors.md";

interface Case {
  readonly name: string;
  readonly rule: "must" | "choice";
  readonly limits: Partial<codec.Limits>;
  readonly input: string;
}

interface Parser {
  readonly name: string;
  readonly command: () => string;
  /** Operations that it does not report. */
  readonly silent: readonly string[];
}

const parsers: readonly Parser[] = [
  {
    name: "nats-py 2.16.0",
    command() {
      const folder = cached(join(PARSERS, "python"), "parser-python");
      return `${pythonIn(folder)} ${join(folder, "bridge.py")}`;
    },
    silent: ["ok"],
  },
  {
    name: `nats.go ${NATS_GO.split("@v")[1]}`,
    command() {
      const folder = cached(join(PARSERS, "go"), "parser-go");
      const { Dir } = JSON.parse(run(folder, "go", "mod", "download", "-json", NATS_GO)) as { Dir: string };
      cpSync(join(Dir, "parser.go"), join(folder, "nats/parser.go"), { force: true });
      run(folder, "go", "build", "-o", "main", ".");
      return join(folder, "main");
    },
    silent: [],
  },
];

const { cases } = JSON.parse(readFileSync(VECTORS, "utf8")) as { cases: readonly Case[] };
const columns = await Promise.all(parsers.map(async (parser) => differencesOf(parser)));
writeFileSync(RESULTS, page(columns));
console.log(page(columns).split("\n\n")[2]);
checkExamples();

/** Returns the difference of each case, by its name. */
async function differencesOf({ command, silent }: Parser): Promise<Map<string, string>> {
  let child = 0;
  const parser = new CommandParser(command(), (started) => {
    child = started;
  });
  const found = new Map<string, string>();
  for (const { name, limits, input } of cases) {
    const bytes = latin1(input);
    const ours = read(codec, [bytes], "server", limits);
    const frames = ours.frames.filter((frame) => !silent.includes((frame as { op: string }).op));
    const difference = differenceOf(bytes, { ...ours, frames }, await parser.parse([bytes]));
    if (difference !== undefined) found.set(name, `${difference.law}: ${difference.place}`);
  }
  process.kill(child);
  return found;
}

function page(columns: readonly Map<string, string>[]): string {
  const date = new Date().toISOString().slice(0, 10);
  const counted = (rule: Case["rule"], found: Map<string, string>): string => {
    const all = cases.filter((one) => one.rule === rule);
    return `${all.filter(({ name }) => !found.has(name)).length} of ${all.length}`;
  };
  const rows = parsers.map(({ name }, at) => {
    return `| ${name} | ${counted("must", columns[at]!)} | ${counted("choice", columns[at]!)} |`;
  });
  const differing = cases.filter(({ name }) => columns.some((found) => found.has(name)));
  const lines = differing.map(({ name, rule }) => {
    return `| ${name.replaceAll("|", "\\|")} | ${rule} | ${columns.map((found) => found.get(name) ?? "").join(" | ")} |`;
  });
  return [
    "# Vectors on the parsers of other clients",
    `\`npm run prove -- vectors\`, ${date}: the cases of \`server-frames.json\` in one chunk. A parser agrees if it decodes the same frames, and
rejects a stream if the case does; codes and offsets are not compared.`,
    `| parser | agrees: must | agrees: choice |\n|---|--:|--:|\n${rows.join("\n")}`,
    `Each of these clients works with real servers, which send less than the protocol allows. The table shows where the parsers differ: the
property that does not hold, and its place. It does not judge them.`,
    `| case | rule | ${parsers.map(({ name }) => name).join(" | ")} |\n|---|---|${parsers.map(() => "---|").join("")}\n${lines.join("\n")}`,
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

/** Builds the examples, and fuzzes them with inputs whose result is known. */
function checkExamples(): void {
  const go = cached(join(EXAMPLES, "go"), "example-go");
  run(go, "go", "build", "-o", "main", ".");
  const rust = cached(join(EXAMPLES, "rust"), "example-rust");
  run(rust, "cargo", "build", "--quiet");
  for (const command of [join(go, "main"), join(rust, "target/debug/bridge")]) {
    for (const [input, status] of [
      ["MSG \\xff 1 r 5\\r\\nhel\\xff\\r\\r\\nPING\\r\\n", 0],
      ["INFO {}\\r\\n", 1],
    ] as const) {
      const result = spawnSync(process.execPath, [FUZZ, "--command", command, "--from", "server", "--input", input]);
      if (result.status === status) continue;
      console.error(`${command}: exit code ${result.status} for ${input}\n${result.stdout}${result.stderr}`);
      process.exitCode = 1;
    }
  }
  console.log("the examples in Go and Rust answer as expected");
}
