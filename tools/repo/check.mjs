// @ts-check
// npm test: runs every check, the fastest first, and stops at the first failure.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";

const REPORT = ".reports/vitest.json";
const steps = [
  ["install system programs", "node", "tools/repo/ensure.mjs"],
  ["build and type-check packages", "pnpm", "exec", "turbo", "run", "build", "typecheck", "--output-logs=errors-only"],
  ["type-check tests and tools", "pnpm", "exec", "tsc", "-p", "tsconfig.json"],
  ["format and lint", "pnpm", "exec", "biome", "ci", "."],
  ["plain English", "node", "tools/repo/words.mjs"],
  ["imports between packages", "node", "tools/repo/arrows.mjs"],
  ["unused files, exports and dependencies", "pnpm", "exec", "knip"],
  ["file and bundle sizes", "node", "tools/repo/budgets.mjs"],
  ["public API", "node", "tools/repo/api.mjs"],
  ["packed packages", "node", "tools/repo/packed.mjs"],
  ["tests", "pnpm", "exec", "vitest", "run", "--coverage"],
  ["fuzz: a million inputs", "node", "tools/fuzz/dist/main.js", "--profile", "ci"],
  ["fuzz: planted bugs are found", "node", "tools/fuzz/dist/main.js", "--profile", "planted", "--seed", "1"],
  ["simulation: two thousand seeds", "node", "tools/sim/dist/main.js"],
  ["simulation: planted bugs are found", "node", "tools/sim/dist/main.js", "--planted"],
  ["benchmark: codec, at half of each gate", "node", "tools/bench/dist/main.js", "--quick"],
  ["benchmark: client, at half of each gate", "node", "tools/bench/dist/main.js", "client", " 16 B", "--quick"],
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
  console.log(`── ${title}: ${status === 0 ? "passed" : "failed"} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  if (status === 0) passed++;
  else {
    failed++;
    failedAt = title;
    console.error(`run it again: ${[command, ...args].join(" ")}`);
    break;
  }
}
if (existsSync(REPORT)) {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(REPORT, "utf8"));
  passed += numPassedTests;
  failed += numFailedTests;
  if (failedAt === "tests" && numFailedTests === 0) {
    console.error("every test passed, but the run failed: see above for an uncaught error or missing coverage");
  }
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
