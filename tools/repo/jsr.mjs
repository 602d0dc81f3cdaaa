// @ts-check
// Publishes the packages to JSR, as source. Without --publish it is a dry run: Deno checks types, declarations and the
// files, and uploads nothing. The JSR manifests are generated from package.json.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packages } from "./packages.mjs";

// A separate workspace: a deno.json in the repository would configure every Deno that a test starts there.
const folder = mkdtempSync(join(tmpdir(), "natswire-jsr-"));
// The commands and the Node adapter are on npm only: the types of `ws` are in another package, and JSR does not support
// that.
const npmOnly = ["natswire", "@natswire/fuzz", "@natswire/node"];
const libraries = packages().filter(({ name }) => !npmOnly.includes(name));
try {
  for (const one of libraries) {
    const { name } = one;
    const { version, license, dependencies, peerDependencies } = one.manifest;
    const exports = Object.entries(one.manifest.exports).flatMap(([path, exported]) =>
      // The subpath for Node imports the Node adapter.
      typeof exported === "string" || path === "./node" ? [] : [[path, exported["@natswire/source"]]],
    );
    const outside = Object.entries({ ...dependencies, ...peerDependencies }).filter(([, at]) => at !== "workspace:*");
    const imports = Object.fromEntries(outside.map(([other, at]) => [other, `npm:${other}@${at}`]));
    const manifest = { name, version, license, exports: Object.fromEntries(exports), imports };
    mkdirSync(join(folder, one.folder), { recursive: true });
    for (const part of ["src", "README.md"])
      cpSync(join(one.folder, part), join(folder, one.folder, part), { recursive: true });
    cpSync("LICENSE", join(folder, one.folder, "LICENSE"));
    write(join(one.folder, "deno.json"), manifest);
  }
  // The only option of tsconfig.base.json that our types need and Deno does not set.
  const compilerOptions = { exactOptionalPropertyTypes: true };
  write("deno.json", { workspace: libraries.map((one) => `./${one.folder}`), compilerOptions });
  const how = process.argv.includes("--publish") ? [] : ["--dry-run"];
  const command = ["exec", "--yes", "--package=deno@2.9.6", "--", "deno", "publish", "--allow-dirty", ...how];
  process.exitCode = spawnSync("npm", command, { cwd: folder, stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** @param {string} file @param {unknown} data */
function write(file, data) {
  writeFileSync(join(folder, file), `${JSON.stringify(data, null, 2)}\n`);
}
