// @ts-check
// The versions of the next release, by what the changesets say; and the one that CONNECT names, which stands in the source:
// packages run from it too, here and from JSR.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const { status } = spawnSync("pnpm", ["exec", "changeset", "version"], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
const { version } = JSON.parse(readFileSync("packages/session/package.json", "utf8"));
const file = "packages/session/src/version.ts";
writeFileSync(file, readFileSync(file, "utf8").replace(/VERSION = "[^"]*"/, `VERSION = "${version}"`));
