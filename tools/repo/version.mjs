// @ts-check
// Sets the versions of the next release from the changesets, and the version that CONNECT sends. That one is in the
// source, because the packages also run from source (here and from JSR).
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const { status } = spawnSync("pnpm", ["exec", "changeset", "version"], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
const { version } = JSON.parse(readFileSync("packages/session/package.json", "utf8"));
const file = "packages/session/src/version.ts";
writeFileSync(file, readFileSync(file, "utf8").replace(/VERSION = "[^"]*"/, `VERSION = "${version}"`));
