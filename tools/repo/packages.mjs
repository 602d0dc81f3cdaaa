// @ts-check
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} folder
 * @property {{ version: string, license: string, engines?: { node: string }, exports: Record<string, Record<string, any> | string>, dependencies?: Record<string, string>, peerDependencies?: Record<string, string> }} manifest
 */

/** Returns the published packages of this repository. @returns {Package[]} */
export function packages() {
  return readdirSync("packages")
    .map((name) => join("packages", name))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      return { name: manifest.name, folder, manifest };
    });
}

/** Returns the address of the repository, as the root's package.json states it: `https://github.com/OWNER/NAME`. */
export function repository() {
  const { url } = JSON.parse(readFileSync("package.json", "utf8")).repository;
  return /^git\+(.*)\.git$/.exec(url)?.[1] ?? "";
}

/** Returns the source files of a package. @param {Package} one @returns {string[]} */
export function sources(one) {
  return readdirSync(join(one.folder, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(one.folder, "src", file));
}
