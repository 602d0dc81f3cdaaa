// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import colours from "picocolors";
import { laws } from "./laws.ts";
import { load } from "./load.ts";
import { planted } from "./planted.ts";
import { rare } from "./rare.ts";
import { run, type Summary } from "./run.ts";
import { type Outcome, simulate } from "./simulation.ts";
import { write } from "./table.ts";

const usage = `Runs sessions, clients and servers over a simulated network with faults. A seed determines everything.

  npm run sim                          2,000 seeds, all laws, every rare state
  npm run sim -- --seed 17 --trace     one seed, with a line for each step
  npm run sim -- --planted             finds bugs planted in a copy of the session
  npm run sim -- --write               writes the tables of docs/results/simulation.md

  --seeds N     number of seeds (2,000)
  --from N      first seed (1)
  --figures     prints the figures as JSON in the last line`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
    planted: { type: "boolean", default: false },
    figures: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.help) console.log(usage);
  else if (values.planted) return planted();
  else if (values.seed !== undefined) return play(number("seed", values.seed));
  else return many();
  return 0;
}

async function play(seed: number): Promise<number> {
  const outcome = await simulate(seed, await load(), values.trace);
  if (values.trace) console.log(outcome.lines.join("\n"));
  console.log(`seed ${seed}: ${outcome.steps} steps, trace ${outcome.hash}`);
  if (outcome.broken === undefined) return 0;
  report(outcome);
  return 1;
}

async function many(): Promise<number> {
  const isLive = process.stderr.isTTY;
  const summary = await run(number("from", values.from), number("seeds", values.seeds), await load(), (progress) => {
    if (isLive) process.stderr.write(`\r\x1b[K${line(progress)}`);
  });
  if (isLive) process.stderr.write("\r\x1b[K");
  console.log(line(summary));
  for (const outcome of summary.broken) report(outcome);
  for (const state of summary.missing) {
    console.log(`${colours.red("never seen")} ${state}: ${rare[state]}`);
  }
  if (values.write) write(summary);
  if (values.figures) console.log(JSON.stringify({ ...summary, seen: undefined, broken: summary.broken.length }));
  return summary.broken.length + summary.missing.length === 0 ? 0 : 1;
}

function line({ seeds, steps, seconds, broken, seen, hash }: Summary): string {
  const states = `${seen.size} of ${Object.keys(rare).length} rare states`;
  return `${seeds} seeds, ${steps.toLocaleString("en")} steps in ${seconds.toFixed(1)} s: ${broken.length} broken, ${states}, traces ${hash}`;
}

function report({ seed, broken }: Outcome): void {
  if (broken === undefined) return;
  const { law, detail, at } = broken;
  const what = law === "no throw" ? "Nothing is thrown." : laws[law];
  console.log(`${colours.red("broken")} by seed ${seed} after ${(at / 1000).toFixed(3)} s: ${law}. ${what}`);
  console.log(`  ${detail}`);
  console.log(`  run again with: npm run sim -- --seed ${seed} --trace`);
}

function number(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`--${option} must be a number, not ${JSON.stringify(text)}`);
}
