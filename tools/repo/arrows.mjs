// @ts-check
// Checks that imports follow the arrows of ARCHITECTURE.md, and that each package.json lists exactly its imports.
import { readdirSync, readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import ts from "typescript";
import { packages, sources } from "./packages.mjs";

const allowed = JSON.parse(readFileSync("tools/repo/allowed.json", "utf8"));
const banned = /^(utils?|helpers?|manager|common|misc)$/;
/** @type {string[]} */
const faults = [];

for (const one of packages()) {
  const { name, manifest } = one;
  const used = new Set();
  for (const file of sources(one)) {
    if (banned.test(basename(file, extname(file)))) faults.push(`${file}: name the file after a noun of the domain`);
    const source = readFileSync(file, "utf8");
    if (/\bMath\.random\b/.test(source)) faults.push(`${file}: pass randomness as an argument, not Math.random`);
    for (const { fileName } of ts.preProcessFile(source, true, true).importedFiles) {
      if (fileName.startsWith(".")) continue;
      const platform = allowed.platform[name];
      if (platform !== undefined && fileName.startsWith(platform)) continue;
      const target = fileName
        .split("/")
        .slice(0, fileName.startsWith("@") ? 2 : 1)
        .join("/");
      used.add(target);
      const arrow = allowed.arrows[name]?.includes(target) || allowed.dependencies[name]?.[target] !== undefined;
      if (!arrow) faults.push(`${file}: ${name} may not import ${fileName}`);
    }
  }
  const listed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  for (const target of listed) if (!used.has(target)) faults.push(`${name} lists ${target} but does not import it`);
  for (const target of used)
    if (!listed.includes(target)) faults.push(`${name} imports ${target} but does not list it`);
}
for (const file of readdirSync("tools", { recursive: true, encoding: "utf8" })) {
  if (/node_modules|dist/.test(file) || !/\.m?ts$|\.mjs$/.test(file)) continue;
  if (banned.test(basename(file, extname(file))))
    faults.push(`tools/${file}: name the file after a noun of the domain`);
}

for (const fault of faults) console.error(fault);
console.log(`${faults.length} imports or file names to fix`);
process.exitCode = faults.length === 0 ? 0 : 1;
