// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** The environment of a user's terminal: without colours, and without the variables that pnpm sets for npm. */
export const userEnv: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$|^VITEST/i.test(name))),
  NO_COLOR: "1",
};

/**
 * Packs the built packages and installs the tarballs with npm.
 *
 * @param folder an empty folder; gets a package.json
 * @param manifest more fields of that package.json, for example other dependencies
 */
export function installPackages(folder: string, manifest: object = {}): void {
  const tarballs = join(folder, "tarballs");
  mkdirSync(tarballs);
  const pack = ["-r", "--filter", "./packages/*", "pack", "--pack-destination", tarballs];
  execFileSync("pnpm", pack, { cwd: root, stdio: "pipe" });
  const files = readdirSync(tarballs).map((file) => join(tarballs, file));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ private: true, ...manifest })}\n`);
  const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--silent", ...files];
  execFileSync("npm", install, { cwd: folder, env: userEnv, stdio: "pipe" });
}
