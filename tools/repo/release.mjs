// @ts-check
// Publishes to npm from the workflow `release`, as the changesets say. npm's provenance requires a package to name the
// repository that built it. The name is written here, so that a fork never names this repository.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packages } from "./packages.mjs";

const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY)
  throw new Error("run a release from its workflow: .github/workflows/release.yml");

for (const { folder } of packages()) {
  const file = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  const url = `git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git`;
  const named = { ...manifest, repository: { type: "git", url, directory: folder } };
  writeFileSync(file, `${JSON.stringify(named, null, 2)}\n`);
}
for (const [command = "", ...args] of [
  ["turbo", "run", "build", "--output-logs=errors-only"],
  ["node", "tools/repo/packed.mjs"],
  ["changeset", "publish"],
]) {
  const { status } = spawnSync("pnpm", ["exec", command, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
