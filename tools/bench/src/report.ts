// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { putMarked } from "../../repo/marked.ts";
import type { Runtime } from "../../testkit/runtimes.ts";
import { chart } from "./chart.ts";
import type { FanoutRow } from "./fanout.ts";
import { type JetStreamRow, jetStreamTable } from "./jetstream.ts";
import { type NativeRow, TIMES } from "./natives.ts";
import type { Result } from "./race.ts";
import type { Start } from "./starts.ts";

const FIGURES = "docs/results/bench.json";

/** One workload on all runtimes. */
export interface Row {
  readonly workload: string;
  readonly results: readonly {
    readonly peer: Result;
    readonly result: Result;
    readonly gate: number | undefined;
  }[];
}

/** The name of each runtime in tables. */
export const titles = { node: "Node", node24: "Node", bun: "Bun", deno: "Deno" } as const;

/** Formats a table of ratios with quartiles and nanoseconds per message. Shows a gate next to a ratio below it. */
export function inMarkdown(rows: readonly Row[], on: readonly Runtime[]): string {
  const heads = on.map(({ name, version }) => `${titles[name]} ${version}`);
  const lines = rows.map(({ workload, results }) => `| ${workload} | ${results.map(inCell).join(" | ")} |`);
  return [`| times as fast | ${heads.join(" | ")} |`, `|---|${"---:|".repeat(heads.length)}`, ...lines].join("\n");
}

function inCell({ result: { ratio, low, high, ns }, gate }: Row["results"][number]): string {
  const missed = gate !== undefined && ratio < gate ? ` (gate ${gate})` : "";
  return `**${rounded(ratio)}x**${missed} ${rounded(low)}–${rounded(high)}, ${ns.toFixed(0)} ns`;
}

/** Formats the table of servers: deliveries per second, and CPU time per delivery. */
export function inColumns(rows: readonly FanoutRow[]): string {
  const millions = (value: number): string => (value / 1e6).toFixed(2);
  const lines = rows.map(({ load, ours, theirs, ratio, low, high }) => {
    const cpu = `${ours.cpuPerDelivery.toFixed(0)} ns | ${theirs.cpuPerDelivery.toFixed(0)} ns`;
    const speeds = `${millions(ours.deliveriesPerSecond)} | ${millions(theirs.deliveriesPerSecond)}`;
    return `| ${load} | **${ratio.toFixed(2)}x** ${low.toFixed(2)}–${high.toFixed(2)} | ${speeds} | ${cpu} |`;
  });
  const head =
    "| load | deliveries, relative to nats-server | million per second, natswire | nats-server | CPU per delivery, natswire | nats-server |";
  return [head, "|---|---:|---:|---:|---:|---:|", ...lines].join("\n");
}

/** Writes the figures of the servers; those of the codec stay. */
export function recordServers(rows: readonly FanoutRow[], starts: readonly Start[]): void {
  const { date, machine } = here();
  const command = "npm run bench -- server --write";
  writeFileSync("docs/results/server.json", `${JSON.stringify({ date, machine, command, rows, starts }, null, 1)}\n`);
  const note = `\`${command}\`, ${date}, ${machine}, Node ${process.versions.node}, nats-server ${rows[0]?.version}; medians of ${rows[0]?.rounds} rounds with quartiles.`;
  putMarked("docs/performance.md", "server", `${inColumns(rows)}\n\n${inLines(starts)}\n\n${note}`);
}

/** Writes the figures of JetStream in memory. */
export function recordJetStream(rows: readonly JetStreamRow[]): void {
  const { date, machine } = here();
  const command = "npm run bench -- jetstream --write";
  writeFileSync("docs/results/jetstream.json", `${JSON.stringify({ date, machine, command, rows }, null, 1)}\n`);
  const note = `\`${command}\`, ${date}, ${machine}, Node ${process.versions.node}, nats-server ${rows[0]?.version}; medians of ${rows[0]?.rounds} rounds with quartiles.`;
  putMarked("docs/performance.md", "jetstream-server", `${jetStreamTable(rows)}\n\n${note}`);
}

/** Formats the start times of a server as a list. */
export function inLines(starts: readonly Start[]): string {
  return starts
    .map(({ what, milliseconds, low, high }) => {
      return `- ${what}: ${milliseconds.toFixed(2)} ms (${low.toFixed(2)}–${high.toFixed(2)})`;
    })
    .join("\n");
}

/** Returns the date and the machine of a measurement. */
export function here(): { date: string; machine: string } {
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores`;
  return { date: new Date().toISOString().slice(0, 10), machine };
}

function rounded(value: number): string {
  return value >= 20 ? value.toFixed(0) : value.toFixed(1);
}

/** Draws the chart from the stored figures. */
export function drawChart(): void {
  const { rows, runtimes } = JSON.parse(readFileSync(FIGURES, "utf8")) as { rows: Row[]; runtimes: string[] };
  writeFileSync("docs/results/bench.svg", chart(rows, runtimes));
}

/** Writes the figures to docs/results and docs/performance.md, and the chart to docs/results and the README. */
export function record(rows: readonly Row[], on: readonly Runtime[], natives: readonly NativeRow[]): void {
  const { date, machine } = here();
  const command = "npm run bench -- --write";
  const runtimes = on.map(({ name, version }) => `${titles[name]} ${version}`);
  mkdirSync("docs/results", { recursive: true });
  const all = { date, machine, command, peer: "@nats-io/nats-core 3.4.0", runtimes, rows, natives };
  writeFileSync(FIGURES, `${JSON.stringify(all, null, 1)}\n`);
  drawChart();
  const note = `\`${command}\`, ${date}, ${machine}; against nats-core 3.4.0 in the same process, medians of 25 rounds with quartiles.`;
  const nativeNote = `\`${command}\`, ${date}, ${machine}, Node ${process.versions.node}; medians of ${TIMES} runs.`;
  putMarked("docs/performance.md", "bench", `${inMarkdown(rows, on)}\n\n${note}`);
  putMarked("docs/performance.md", "native", `${nativeTable(natives)}\n\n${nativeNote}`);
  putMarked("README.md", "bench", `![times as fast as nats-core](docs/results/bench.svg)\n\n${note}`);
}

function nativeTable(natives: readonly NativeRow[]): string {
  const lines = natives.map(({ reference, stream, reading }) => `| ${stream} | ${reference} | ${reading} |`);
  return ["| stream | reference | result |", "|---|---|---|", ...lines].join("\n");
}
