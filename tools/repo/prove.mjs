// @ts-check
// npm run prove: what takes longer than a test run may, or needs more than Node, npm and Debian. Each step adds its
// figures to docs/results.
//
//   npm run prove                 all steps, some hours
//   npm run prove -- laws fuzz    those two
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";

const LAWS = "docs/results/laws.md";
const REPORT = ".reports/vitest.json";
const TIMES = 20;

/** @type {Record<string, () => number>} */
const steps = {
  laws,
  fuzz: () => run("node", "tools/fuzz/dist/main.js", "--profile", "long", "--time", "1800"),
  mutants: () => run("node", "tools/mutants/run.mjs"),
  native: () => run("node", "tools/bench/dist/main.js", "native"),
};

const wanted = process.argv.slice(2);
for (const name of wanted)
  if (steps[name] === undefined) throw new Error(`no step ${name}: ${Object.keys(steps).join(", ")}`);
if (run("pnpm", "exec", "turbo", "run", "build", "--output-logs=errors-only") !== 0) process.exit(1);
for (const [name, step] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n── ${name}`);
  if (step() !== 0) process.exitCode = 1;
}

/** The laws, each tried more often than in npm test. */
function laws() {
  const began = Date.now();
  const command = ["exec", "vitest", "run", "--project", "codec", "laws", "encoder", "headers", "subject"];
  const { status } = spawnSync("pnpm", command, {
    stdio: "inherit",
    env: { ...process.env, NATSWIRE_RUNS: String(TIMES) },
  });
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(REPORT, "utf8"));
  const date = new Date().toISOString().slice(0, 10);
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  const row = [date, `${TIMES} times npm test`, process.version, numPassedTests, numFailedTests, minutes];
  appendFileSync(LAWS, `| ${row.join(" | ")} |\n`);
  return status ?? 1;
}

/** @param {string} program @param {string[]} args */
function run(program, ...args) {
  return spawnSync(program, args, { stdio: "inherit" }).status ?? 1;
}
