// @ts-check
// Packs the packages and checks the tarballs: every exported path exists, no workspace version and no source condition is
// left, no file is unexpected, each names this repository, tools that do not read "exports" find the same files, and publint
// and "are the types wrong?" report nothing.
//
//   node tools/repo/packed.mjs [FOLDER]    keeps the tarballs in FOLDER
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packages, repository } from "./packages.mjs";

// These do not need CommonJS files (decision 2), so they do not support these two resolution modes.
const modulesOnly = ["@natswire/deno", "@natswire/bun", "@natswire/fuzz"];
const commonJs = ["node10", "node16-cjs"];
const folder = mkdtempSync(join(tmpdir(), "natswire-packed-"));
const tarballs = resolve(process.argv[2] ?? folder);
const address = repository();
/** @type {string[]} */
const faults = [];
try {
  for (const one of packages()) {
    const output = execFileSync("pnpm", ["pack", "--json", "--pack-destination", tarballs], {
      cwd: one.folder,
      encoding: "utf8",
    });
    const tarball = resolve(tarballs, JSON.parse(output).filename);
    execFileSync("tar", ["xzf", tarball, "-C", folder]);
    const unpacked = join(folder, "package");
    const text = readFileSync(join(unpacked, "package.json"), "utf8");
    const manifest = JSON.parse(text);
    if (text.includes("workspace:")) faults.push(`${one.name}: contains a workspace: version`);
    if (JSON.stringify(manifest.exports).includes("@natswire/source"))
      faults.push(`${one.name}: exports the @natswire/source condition`);
    for (const [field, value] of Object.entries(placeOf(one.folder)))
      if (!isDeepStrictEqual(manifest[field], value))
        faults.push(`${one.name}: "${field}" must be ${JSON.stringify(value)}, as in the root's package.json`);
    const wanted = ["LICENSE", "README.md", ...manifest.files, "package.json"].sort();
    const found = readdirSync(unpacked).sort();
    if (String(found) !== String(wanted)) faults.push(`${one.name}: contains ${found}, expected ${wanted}`);
    for (const path of Object.values(manifest.exports).flatMap(pathsOf)) {
      const found = path.includes("*")
        ? readdirSync(join(unpacked, path, "..")).length > 0
        : existsSync(join(unpacked, path));
      if (!found) faults.push(`${one.name}: exports ${path}, which is not in the package`);
    }
    faults.push(...wrongStubs(one.name, unpacked, manifest));
    const { messages, pkg } = await publint({ pkgDir: unpacked, strict: true });
    for (const message of messages) faults.push(`${one.name}: ${formatMessage(message, pkg)}`);
    faults.push(...(await wrongTypes(one.name, tarball)));
    rmSync(unpacked, { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true });
}
for (const fault of faults) console.error(fault);
console.log(`${faults.length} problems in the packed packages`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** Returns the fields that name this repository. npm's provenance requires the first. @param {string} folder */
function placeOf(folder) {
  return {
    repository: { type: "git", url: `git+${address}.git`, directory: folder },
    homepage: `${address}/tree/main/${folder}#readme`,
    bugs: `${address}/issues`,
  };
}

/** Returns the files or patterns of an export, one per condition. @param {unknown} exported @returns {string[]} */
function pathsOf(exported) {
  if (typeof exported === "string") return [exported];
  return Object.values(/** @type {Record<string, unknown>} */ (exported)).flatMap(pathsOf);
}

/**
 * Returns the subpaths that tools without "exports" do not find: TypeScript with node10, Parcel, old bundlers. They read the
 * package.json of a folder with the name of the subpath. Metro reads it first.
 *
 * @param {string} name
 * @param {string} unpacked
 * @param {{ exports: Record<string, any> }} manifest
 */
function wrongStubs(name, unpacked, manifest) {
  return Object.entries(manifest.exports).flatMap(([path, exported]) => {
    if (exported.require === undefined) return [];
    const stub = join(unpacked, path);
    const file = join(stub, "package.json");
    const stubbed = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
    const { require, default: esModule, "react-native": reactNative } = exported;
    const wanted = { main: require.default, module: esModule, "react-native": reactNative, types: require.types };
    return Object.entries(wanted)
      .filter(([field, target]) => target && join(stub, stubbed[field] ?? "") !== join(unpacked, target))
      .map(([field]) => `${name}: "${field}" of ${path} differs from its "exports"`);
  });
}

/** Returns the problems that TypeScript users would have. @param {string} name @param {string} tarball */
async function wrongTypes(name, tarball) {
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
  // The command has no types.
  if (!checked.types) return name === "natswire" ? [] : [`${name}: contains no types`];
  return checked.problems
    .filter(
      (problem) =>
        !(modulesOnly.includes(name) && "resolutionKind" in problem && commonJs.includes(problem.resolutionKind)),
    )
    .map((problem) => `${name}: ${JSON.stringify(problem)}`);
}
