// @ts-check
// Builds one workspace package and its dependencies, and prints only errors: node tools/repo/built.mjs NAME
import { spawnSync } from "node:child_process";

const name = process.argv[2] ?? "";
const { status, stdout, stderr } = spawnSync("pnpm", ["exec", "turbo", "run", "build", `--filter=${name}`], {
  encoding: "utf8",
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
});
if (status !== 0) {
  process.stderr.write(`${stdout}${stderr}`);
  process.stderr.write(`cannot build ${name}\n`);
}
process.exitCode = status ?? 1;
