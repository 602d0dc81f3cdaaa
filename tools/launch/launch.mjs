// @ts-check
// SPDX-License-Identifier: Apache-2.0
// npm run demo, npm run natswire, npm run serve: runs the command natswire on its source.
//
// In a fresh clone it first installs what the command needs, and not the whole workspace. Until then only Node's own
// modules are there.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const ENTRY = `${root}packages/cli/src/main.ts`;
// The command reads the package.json of the folder above.
const OUT = `${root}packages/cli/.cache/main.mjs`;

if (!existsSync(new URL("node_modules/esbuild", import.meta.url))) install();
const { bundle } = await import("./bundle.mjs");
await bundle(ENTRY, OUT, "silent")
  .catch(() => {
    // A newer checkout may need another package.
    install();
    return bundle(ENTRY, OUT);
  })
  .catch(() => process.exit(1));
await import(pathToFileURL(OUT).href);

function install() {
  console.error("installing what the command needs, once");
  const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const isComplete = existsSync(`${root}node_modules/typescript`);
  const part = isComplete ? [] : ["--prod", "--filter", "@natswire-tools/launch", "--filter", "natswire..."];
  const command = ["-y", packageManager, "install", "--frozen-lockfile", ...part];
  const { status, stdout, stderr } = spawnSync("npx", command, { cwd: root, encoding: "utf8" });
  if (status !== 0) {
    console.error(`${stdout}${stderr}\ncannot install what the command needs`);
    process.exit(1);
  }
  // With this file, pnpm takes the part for the whole. Without it, the next `npm test` installs the rest.
  rmSync(`${root}node_modules/.pnpm-workspace-state-v1.json`, { force: true });
}
