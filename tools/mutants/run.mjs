// @ts-check
// npm run mutants: changes the codec in thousands of small ways, one file after the other, and counts the changes no
// test minds. Hours on two cores; each file's figures are written down as soon as they are there.
//
//   npm run mutants                  every file
//   npm run mutants -- line headers  those two
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const SOURCE = "packages/codec/src";
const RESULTS = "docs/results/mutants.json";
const REPORT = ".reports/mutants.json";
// Types and re-exports have nothing to change, and generators are test code.
const without = ["index", "frames", "grammar", "arbitrary"];

/**
 * @typedef {{ status: string, mutatorName: string, replacement?: string, location: { start: { line: number } } }} Mutant
 * @typedef {{ date: string, killed: number, survived: number, survivors: string[] }} Figures
 */

const wanted = process.argv.slice(2);
const all = readdirSync(SOURCE).map((file) => basename(file, ".ts"));
const names = (wanted.length > 0 ? wanted : all).filter((name) => !without.includes(name));
for (const name of names) {
  const file = `${SOURCE}/${name}.ts`;
  if (!existsSync(file)) throw new Error(`no such file: ${file}`);
  const command = ["exec", "stryker", "run", "tools/mutants/stryker.json", "--mutate", file];
  const { status } = spawnSync("pnpm", command, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  write(name, file);
}

/** @param {string} name @param {string} file */
function write(name, file) {
  const { files } = JSON.parse(readFileSync(REPORT, "utf8"));
  /** @type {Mutant[]} */
  const mutants = files[file].mutants;
  const survived = mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  const killed = mutants.filter(({ status }) => status === "Killed" || status === "Timeout").length;
  /** @type {Record<string, Figures>} */
  const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : {};
  results[name] = {
    date: new Date().toISOString().slice(0, 10),
    killed,
    survived: survived.length,
    survivors: survived.map(({ location, mutatorName, replacement }) => {
      return `${location.start.line}: ${mutatorName} ${(replacement ?? "").slice(0, 60)}`;
    }),
  };
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 1)}\n`);
  console.log(`${name}: ${killed} of ${killed + survived.length} mutants killed`);
}
