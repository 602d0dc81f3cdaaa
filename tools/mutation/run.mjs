// @ts-check
// npm run mutants: makes thousands of small changes to codec, server and session, one file at a time, and counts the
// changes that no test detects. Takes two hours on two cores; the figures of each file are saved when it is done.
//
//   npm run mutants                         every file
//   npm run mutants -- codec/decode/control-line server    one file, and one package
//   npm run mutants -- --score              counts the last run again, after a change of equivalents.json
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";

const RESULTS = "docs/results/mutants.json";
const EQUIVALENTS = "tools/mutation/equivalents.json";
const REPORTS = ".reports/mutants";
/** The percentage of non-equivalent mutants that the tests must kill. */
const gates = { codec: 90, server: 85, session: 80, "jetstream-server": 85 };
// Types and re-exports contain no code, and generators are test code.
const skipped = ["index", "jetstream", "cluster", "frames", "grammar", "arbitrary", "outputs", "subscription"];

/**
 * @typedef {{ status: string, mutatorName: string, replacement?: string, location: { start: { line: number } } }} Mutant
 * @typedef {{ date: string, killed: number, equivalent: number, survivors: string[] }} Figures
 * @typedef {{ code: string, mutants: string[], why: string }} Equivalent a line, and changes to it that do not change its behavior
 */

const args = process.argv.slice(2);
const selected = args.filter((arg) => arg !== "--score");
const all = Object.keys(gates).flatMap((of) =>
  readdirSync(`packages/${of}/src`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !skipped.includes(basename(file, ".ts")))
    .map((file) => `${of}/${file.replaceAll("\\", "/").slice(0, -3)}`),
);
/** @type {Record<string, Equivalent[]>} */
const equivalents = JSON.parse(readFileSync(EQUIVALENTS, "utf8"));
/** @type {Record<string, Figures>} */
const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : {};

for (const word of selected) {
  if (!all.some((name) => isOf(name, word)))
    throw new Error(`unknown file or package "${word}": choose from ${all.join(", ")}`);
}
for (const name of all.filter((name) => selected.length === 0 || selected.some((word) => isOf(name, word)))) {
  if (!args.includes("--score")) change(name);
  if (existsSync(`${REPORTS}/${name}.json`)) count(name);
}
for (const [of, gate] of Object.entries(gates)) if (!total(of, gate)) process.exitCode = 1;

/** @param {string} name @param {string} word */
function isOf(name, word) {
  return name === word || name.startsWith(`${word}/`);
}

/** @param {string} name */
function sourceOf(name) {
  return `packages/${name.replace("/", "/src/")}.ts`;
}

/** @param {string} name */
function change(name) {
  const command = ["exec", "stryker", "run", "tools/mutation/stryker.json", "--mutate", sourceOf(name)];
  const env = { ...process.env, NATSWIRE_MUTANTS: name.slice(0, name.indexOf("/")) };
  const { status } = spawnSync("pnpm", command, { stdio: "inherit", env });
  if (status !== 0) process.exit(status ?? 1);
  mkdirSync(dirname(`${REPORTS}/${name}`), { recursive: true });
  copyFileSync(".reports/mutants.json", `${REPORTS}/${name}.json`);
}

/** @param {string} name */
function count(name) {
  const { files } = JSON.parse(readFileSync(`${REPORTS}/${name}.json`, "utf8"));
  // A file in which nothing can be changed is not in the report.
  /** @type {{ mutants: Mutant[], source: string }} */
  const { mutants, source } = files[sourceOf(name)] ?? { mutants: [], source: "" };
  const lines = source.split("\n");
  const known = new Set(
    (equivalents[name] ?? []).flatMap(({ code, mutants }) => mutants.map((one) => `${code} ⇒ ${one}`)),
  );
  const unknown = [];
  let equivalent = 0;
  for (const { status, location, mutatorName, replacement = "" } of mutants) {
    if (status !== "Survived" && status !== "NoCoverage") continue;
    const survivor = `${lines[location.start.line - 1]?.trim()} ⇒ ${mutatorName} ${replacement.replace(/\s+/g, " ")}`;
    if (known.has(survivor)) equivalent++;
    else unknown.push(survivor);
  }
  const killed = mutants.filter(({ status }) => status === "Killed" || status === "Timeout").length;
  results[name] = { date: new Date().toISOString().slice(0, 10), killed, equivalent, survivors: unknown };
  const inOrder = all.flatMap((file) => (results[file] === undefined ? [] : [[file, results[file]]]));
  writeFileSync(RESULTS, `${JSON.stringify(Object.fromEntries(inOrder), null, 1)}\n`);
}

/** Prints the score of a package and its files; returns whether it reaches the gate. @param {string} of @param {number} gate */
function total(of, gate) {
  const files = all.filter((name) => isOf(name, of));
  let killed = 0;
  let survived = 0;
  for (const name of files) {
    const one = results[name];
    console.log(
      one === undefined
        ? `${name}: not run yet`
        : `${name}: ${one.killed} killed, ${one.survivors.length} survived, ${one.equivalent} equivalent`,
    );
    killed += one?.killed ?? 0;
    survived += one?.survivors.length ?? 0;
  }
  const score = (100 * killed) / (killed + survived);
  console.log(`${of}: ${score.toFixed(1)} % of ${killed + survived} killed, gate ${gate} %`);
  return score >= gate && files.every((name) => results[name] !== undefined);
}
