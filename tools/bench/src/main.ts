// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Result } from "./race.ts";
import { workloads } from "./workloads.ts";

const usage = `Races the codec against @nats-io/nats-core, one process for each workload.

  npm run bench                 all workloads
  npm run bench -- encode       those whose name contains a word
  npm run bench -- --quick      5 rounds instead of 25
  npm run bench -- --write      put the table into the README and docs/results`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    child: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const rounds = values.quick ? 5 : 25;

if (values.help) console.log(usage);
else if (values.child !== undefined) console.log(JSON.stringify(workloads.get(values.child)!(rounds)));
else run();

function run(): void {
  const names = [...workloads.keys()].filter((name) => positionals.every((word) => name.includes(word)));
  const results = new Map<string, Result[]>();
  for (const [i, name] of names.entries()) {
    process.stderr.write(`\r${i + 1} of ${names.length}: ${name.padEnd(40)}`);
    results.set(name, inAProcess(name));
  }
  process.stderr.write(`\r${" ".repeat(60)}\r`);
  const table = inMarkdown(results);
  console.log(table);
  if (values.write) write(results, table);
}

function inAProcess(name: string): Result[] {
  const main = fileURLToPath(import.meta.url);
  const args = [main, "--child", name, ...(values.quick ? ["--quick"] : [])];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  return JSON.parse(stdout) as Result[];
}

function inMarkdown(results: ReadonlyMap<string, readonly Result[]>): string {
  const rows = [...results].map(([name, [peer, ours]]) => {
    const spread = `${ours!.low.toFixed(1)}–${ours!.high.toFixed(1)}`;
    return `| ${name} | ${peer!.ns.toFixed(0)} | ${ours!.ns.toFixed(0)} | **${ours!.ratio.toFixed(1)}x** | ${spread} |`;
  });
  const head =
    "| workload | nats-core, ns a message | natswire | times as fast | quartiles |\n|---|---:|---:|---:|---:|";
  return `${head}\n${rows.join("\n")}`;
}

function write(results: ReadonlyMap<string, readonly Result[]>, table: string): void {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}`;
  mkdirSync("docs/results", { recursive: true });
  const record = { date, machine, command: "npm run bench", results: Object.fromEntries(results) };
  writeFileSync("docs/results/bench.json", `${JSON.stringify(record, null, 2)}\n`);
  const text = `${table}\n\n\`npm run bench\`, ${date}, ${machine}; nats-core 3.4.0. Medians of 25 rounds in one process.`;
  const readme = readFileSync("README.md", "utf8");
  writeFileSync("README.md", readme.replace(/(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/, `$1${text}\n$2`));
}
