// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Runtime, type RuntimeName, runtime, runtimes } from "../../testkit/runtimes.ts";
import { compareBuilds } from "./against/compare.ts";
import { report, slower } from "./against/verdict.ts";
import { best } from "./best.ts";
import { compareClients, missed } from "./client/compare.ts";
import { clientTable, recordClients } from "./client/report.ts";
import { againstNatsServer } from "./fanout.ts";
import { gateOf } from "./gates.ts";
import { jetStreamAgainstNatsServer, jetStreamTable } from "./jetstream.ts";
import { keptTable, measureKept, recordKept } from "./kept.ts";
import { againstNatives, type NativeRow } from "./natives.ts";
import {
  drawChart,
  inColumns,
  inLines,
  inMarkdown,
  type Row,
  record,
  recordJetStream,
  recordServers,
} from "./report.ts";
import { startTimes } from "./starts.ts";
import { workloads } from "./workloads.ts";

const usage = `Compares the speed of the codec with @nats-io/nats-core, in one process per workload and runtime.

  npm run bench                          all workloads, on this Node
  npm run bench -- parse frame           the workloads whose name contains all words
  npm run bench -- --against DIR         this build against DIR, another built checkout: scan, frame, encode, publish,
                                         subscribe, fan-out; exits with 1 if a row is more than 5 % slower
  npm run bench -- --against DIR scan    only the rows whose name contains all words
  npm run bench -- parse --runtime bun   on another runtime: ${runtimes.join(", ")} or all
  npm run bench -- --quick               5 rounds instead of 25; exits with 1 if a ratio is below half its gate
  npm run bench -- native                against a C scan and the Go client's parser, if gcc and go are installed
  npm run bench -- client [publish 16]   the client against the official one, a raw socket, nats.c and nats.go
  npm run bench -- client JetStream      JetStream through the official modules, on the client and on the official one
  npm run bench -- kept                  the memory that 10,000 kept Key-Value entries take, on both clients
  npm run bench -- server                the embedded server against a nats-server, in deliveries per second
  npm run bench -- jetstream             JetStream of the embedded server against a nats-server's, in messages per second
  npm run bench -- --write               all runtimes; updates docs/results, docs/performance.md and the chart
  npm run bench -- chart                 draws the chart again from docs/results/bench.json, without measuring`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    runtime: { type: "string", multiple: true, default: ["node"] },
    against: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const CHILD = fileURLToPath(new URL("./child.js", import.meta.url));

if (values.help) console.log(usage);
else if (values.against !== undefined) process.exitCode = builds(values.against);
else if (positionals[0] === "chart") drawChart();
else if (positionals[0] === "native") console.log(natively());
else if (positionals[0] === "client") process.exitCode = await clients(positionals.slice(1));
else if (positionals[0] === "kept") console.log(await kept());
else if (positionals[0] === "server") console.log(await servers());
else if (positionals[0] === "jetstream") console.log(await streams());
else process.exitCode = compare();

function compare(): number {
  const words = values.write || values.runtime.includes("all") ? [...runtimes] : values.runtime;
  const names = [...workloads.keys()].filter((name) => positionals.every((word) => name.includes(word)));
  if (names.length === 0) throw new Error(`no workload's name contains "${positionals.join(" ")}"`);
  const started = words.map((word) => runtime(known(word)));
  const rows: Row[] = [];
  let missed = 0;
  for (const [i, workload] of names.entries()) {
    const results = started.map((one) => {
      process.stderr.write(`\r\x1b[K${i + 1} of ${names.length}: ${workload}, ${one.name} ${one.version}`);
      return raced(one, workload);
    });
    rows.push({ workload, results });
    missed += results.filter(
      ({ result, gate }) => gate !== undefined && result.ratio < gate / (values.quick ? 2 : 1),
    ).length;
  }
  process.stderr.write("\r\x1b[K");
  console.log(inMarkdown(rows, started));
  console.log(`\n${missed} of ${rows.length * started.length} below ${values.quick ? "half a gate" : "the gate"}`);
  if (values.write) record(rows, started, native());
  return values.quick && missed > 0 ? 1 : 0;
}

function builds(other: string): number {
  if (values.write || String(values.runtime) !== "node")
    throw new Error("--against cannot be combined with --write or --runtime");
  const rows = compareBuilds(other, positionals, values.quick ? 5 : 25, (done) =>
    process.stderr.write(`\r\x1b[K${done}`),
  );
  process.stderr.write("\r\x1b[K");
  console.log(report(rows));
  return slower(rows).length > 0 ? 1 : 0;
}

function known(word: string): RuntimeName {
  const name = runtimes.find((one) => one === word);
  if (name === undefined) throw new Error(`unknown runtime "${word}": choose from ${runtimes.join(", ")} or all`);
  return name;
}

function raced({ command, name }: Runtime, workload: string): Row["results"][number] {
  const gate = gateOf(workload, name);
  const [peer, result] = best([...command, CHILD, values.quick ? "5" : "25", workload], gate);
  return { peer, result, gate };
}

async function servers(): Promise<string> {
  const rows = await againstNatsServer(values.quick ? 3 : 9, (done) => process.stderr.write(`\r\x1b[K${done}`));
  process.stderr.write("\r\x1b[K");
  const starts = await startTimes();
  if (values.write) recordServers(rows, starts);
  return `${inColumns(rows)}\n\n${inLines(starts)}`;
}

async function streams(): Promise<string> {
  const rows = await jetStreamAgainstNatsServer(values.quick ? 3 : 9, (done) =>
    process.stderr.write(`\r\x1b[K${done}`),
  );
  process.stderr.write("\r\x1b[K");
  if (values.write) recordJetStream(rows);
  return jetStreamTable(rows);
}

async function kept(): Promise<string> {
  const rows = await measureKept(values.quick ? 1 : 5);
  if (values.write) recordKept(rows);
  return keptTable(rows);
}

async function clients(words: readonly string[]): Promise<number> {
  const rounds = values.quick ? 3 : 9;
  const on = values.write || values.runtime.includes("all") ? runtimes : values.runtime.map(known);
  const rows = await compareClients({ words, on, rounds, isQuick: values.quick }, (done) =>
    process.stderr.write(`\r\x1b[K${done}`),
  );
  process.stderr.write("\r\x1b[K");
  const below = missed(rows, values.quick ? 0.5 : 1).length;
  console.log(`${clientTable(rows)}\n\n${below} of ${rows.length} below ${values.quick ? "half a gate" : "the gate"}`);
  if (values.write) recordClients(rows, rounds);
  return values.quick && below > 0 ? 1 : 0;
}

function native(): NativeRow[] {
  return againstNatives((done) => process.stderr.write(`\r\x1b[Knative references: ${done}`));
}

function natively(): string {
  const rows = native();
  process.stderr.write("\r\x1b[K");
  return rows.map((row) => JSON.stringify(row)).join("\n");
}
