// @ts-check
// Builds one workspace package and what it stands on, silently where all goes well, so that a program's own output
// is the only one: node tools/repo/built.mjs NAME
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
