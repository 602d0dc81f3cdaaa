// @ts-check
// npm test: everything that must hold, in the order in which a failure is cheapest to learn.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";

const REPORT = ".reports/vitest.json";
const steps = [
  ["system programs", "node", "tools/repo/ensure.mjs"],
  ["build and type check", "pnpm", "exec", "turbo", "run", "build", "typecheck", "--output-logs=errors-only"],
  ["type check of tests and tools", "pnpm", "exec", "tsc", "-p", "tsconfig.json"],
  ["format and lint", "pnpm", "exec", "biome", "ci", "."],
  ["imports follow the arrows", "node", "tools/repo/arrows.mjs"],
  ["nothing unused", "pnpm", "exec", "knip"],
  ["budgets", "node", "tools/repo/budgets.mjs"],
  ["the public surface", "node", "tools/repo/api.mjs"],
  ["packages as published", "node", "tools/repo/packed.mjs"],
  ["tests", "pnpm", "exec", "vitest", "run", "--coverage"],
  ["five million inputs", "node", "tools/fuzz/dist/main.js", "--profile", "ci"],
  ["planted bugs", "node", "tools/fuzz/dist/main.js", "--profile", "planted", "--seed", "1"],
  ["two thousand simulated seeds", "node", "tools/sim/dist/main.js"],
  ["bugs planted in the session", "node", "tools/sim/dist/main.js", "--planted"],
  ["speed, half of each gate", "node", "tools/bench/dist/main.js", "--quick"],
  ["speed of the client, likewise", "node", "tools/bench/dist/main.js", "client", " 16 B", "--quick"],
];

rmSync(REPORT, { force: true });
let passed = 0;
let failed = 0;
let failedAt = "";
for (const [title = "", command = "", ...args] of steps) {
  console.log(`\n── ${title}`);
  const began = Date.now();
  const { status } = spawnSync(command, args, {
    stdio: "inherit",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
  console.log(`── ${title}: ${status === 0 ? "passed" : "FAILED"} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  if (status === 0) passed++;
  else {
    failed++;
    failedAt = title;
    console.error(`again with: ${[command, ...args].join(" ")}`);
    break;
  }
}
if (existsSync(REPORT)) {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(REPORT, "utf8"));
  passed += numPassedTests;
  failed += numFailedTests;
  if (failedAt === "tests" && numFailedTests === 0) {
    console.error("no test failed, but the run did: an error that nobody caught, or coverage; it is told above");
  }
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
