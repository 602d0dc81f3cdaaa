// @ts-check
// npm run prove: what takes longer than a test run may. Results are added to docs/results/prove.md.
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const RESULTS = "docs/results/prove.md";
const times = Number(process.argv[2] ?? 20);
const command = `npm run prove -- ${times}`;
const report = ".reports/vitest.json";

console.log(`the laws, each tried ${times} times as often as in npm test`);
const began = Date.now();
const { status } = spawnSync(
  "pnpm",
  ["exec", "vitest", "run", "--project", "codec", "laws", "encoder", "headers", "subject"],
  { stdio: "inherit", env: { ...process.env, NATSWIRE_RUNS: String(times) } },
);
const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
mkdirSync("docs/results", { recursive: true });
if (!existsSync(RESULTS)) {
  writeFileSync(
    RESULTS,
    "# Long runs\n\n| date | command | Node | tests passed | failed | minutes |\n|---|---|---|---:|---:|---:|\n",
  );
}
const date = new Date().toISOString().slice(0, 10);
const minutes = ((Date.now() - began) / 60_000).toFixed(1);
appendFileSync(
  RESULTS,
  `| ${date} | \`${command}\` | ${process.version} | ${numPassedTests} | ${numFailedTests} | ${minutes} |\n`,
);
process.exitCode = status ?? 1;
