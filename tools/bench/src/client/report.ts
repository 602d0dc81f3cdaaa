// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { putMarked } from "../../../repo/marked.ts";
import type { RuntimeName } from "../../../testkit/runtimes.ts";
import { here, titles } from "../report.ts";
import { type ClientRow, ratioOf } from "./compare.ts";
import { loads } from "./loads.ts";

const FILE = "docs/results/client.json";
const columns = {
  natswire: "natswire",
  official: "nats.js",
  raw: "raw socket",
  "nats.c": "nats.c",
  "nats.go": "nats.go",
} as const;

/** Formats a table of CPU time: the ratio to the official client, and nanoseconds per message of each contestant. */
export function clientTable(rows: readonly ClientRow[]): string {
  const raced = new Set(rows.flatMap(({ standings }) => standings.map(({ name }) => name)));
  const shown = Object.entries(columns).filter(([name]) => raced.has(name));
  const lines = rows.map(({ load, runtime, standings, gate }) => {
    const of = (name: string): string => {
      const found = standings.find((one) => one.name === name);
      return found === undefined ? "" : inNanoseconds(found.ns);
    };
    const ours = standings.find(({ name }) => name === "natswire")!;
    const miss = gate !== undefined && ratioOf(standings) < gate ? ` (gate ${gate})` : "";
    const ratio = `**${ours.ratio.toFixed(1)}x**${miss} ${ours.low.toFixed(1)}–${ours.high.toFixed(1)}`;
    return `| ${load.replace("client ", "")} | ${titled(runtime)} | ${ratio} | ${shown.map(([name]) => of(name)).join(" | ")} |`;
  });
  const head = `| load | runtime | times less CPU than nats.js | ${shown.map(([, title]) => title).join(" | ")} |`;
  return [head, `|---|---|---:|${"---:|".repeat(shown.length)}`, ...lines].join("\n");
}

/** Formats `node24 24.21.0` as "Node 24.21.0". */
function titled(runtime: string): string {
  const [name, version] = runtime.split(" ");
  return `${titles[name as RuntimeName]} ${version}`;
}

function inNanoseconds(ns: number): string {
  return ns >= 10_000 ? `${(ns / 1000).toFixed(1)} µs` : `${ns.toFixed(0)} ns`;
}

/** Writes the figures of the clients; those of the codec and of loads that did not run stay. */
export function recordClients(rows: readonly ClientRow[], rounds: number): void {
  const { date, machine } = here();
  const raced = new Map([...rowsBefore(), ...rows].map((row) => [`${row.load}, ${row.runtime}`, row]));
  const order = loads.map(({ name }) => name);
  const all = [...raced.values()].sort((a, b) => order.indexOf(a.load) - order.indexOf(b.load));
  const command = "npm run bench -- client --write";
  writeFileSync(FILE, `${JSON.stringify({ date, machine, command, rows: all }, null, 1)}\n`);
  const note = `\`${command}\`, ${date}, ${machine}; CPU time of the client's process per message; medians of ${rounds} rounds, ratios with quartiles; nats.js is @nats-io/transport-node 3.4.0.`;
  const core = all.filter(({ load }) => !load.startsWith("client JetStream"));
  const jetStream = all.filter((row) => !core.includes(row));
  putMarked("docs/performance.md", "client", `${clientTable(core)}\n\n${note}`);
  putMarked("docs/performance.md", "jetstream", `${clientTable(jetStream)}\n\n${note}`);
  const few = core.filter(
    ({ load, runtime }) => /(publish|callback|at once) 16 B$/.test(load) && /^node 20/.test(runtime),
  );
  putMarked("README.md", "client", `${clientTable(few)}\n\n${note}`);
}

function rowsBefore(): ClientRow[] {
  if (!existsSync(FILE)) return [];
  return (JSON.parse(readFileSync(FILE, "utf8")) as { rows: ClientRow[] }).rows;
}
