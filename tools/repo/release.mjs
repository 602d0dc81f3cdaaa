// @ts-check
// Publishes to npm from the workflow `release`, as the changesets say. A fork cannot publish: npm's provenance requires
// that each package.json names the repository whose workflow runs.
import { spawnSync } from "node:child_process";
import { repository } from "./packages.mjs";

const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
const running = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`;
if (running !== repository())
  throw new Error(
    GITHUB_REPOSITORY
      ? `${running} is not ${repository()}: a fork that publishes needs its own "repository" in package.json and its own package names`
      : "run a release from its workflow: .github/workflows/release.yml",
  );

for (const [command = "", ...args] of [
  ["turbo", "run", "build", "--output-logs=errors-only"],
  ["node", "tools/repo/packed.mjs"],
  ["changeset", "publish"],
]) {
  const { status } = spawnSync("pnpm", ["exec", command, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
