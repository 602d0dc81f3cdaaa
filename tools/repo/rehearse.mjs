// @ts-check
// npm run rehearse: everything of a release except the upload. Prints a table with the result of each step.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { packages, repository } from "./packages.mjs";
import { printedBy, snippetsIn } from "./snippets.mjs";

const folder = mkdtempSync(join(tmpdir(), "natswire-rehearsal-"));
const tarballs = join(folder, "tarballs");
mkdirSync(tarballs);
const readme = readFileSync("README.md", "utf8");
const [box = ""] = snippetsIn(readme, "sh");
const [program = ""] = snippetsIn(readme, "js");
// As in a user's terminal: without what npm and pnpm add.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^p?npm_|^NODE_/i.test(name)));
env["PATH"] = env["PATH"]
  ?.split(delimiter)
  .filter((path) => !path.includes("node_modules"))
  .join(delimiter);

/** A step returns what the table says of it, and throws if it fails. @type {[string, () => Promise<string>][]} */
const steps = [
  ["build", build],
  ["pack and check the tarballs", pack],
  ["preconditions of provenance", provenance],
  ["JSR, dry run", jsr],
  ["the README's program on the tarballs", install],
  ["the README's first box in a clone", clone],
];

/** @type {string[]} */
const table = [];
try {
  for (const [title, step] of steps) {
    console.log(`── ${title}`);
    const began = Date.now();
    let result = "passed";
    let detail = "";
    try {
      detail = await step();
    } catch (error) {
      result = "failed";
      detail = "see above";
      const { message, stdout = "", stderr = "" } = /** @type {Error & Record<string, string>} */ (error);
      console.error(stdout + stderr || message);
      process.exitCode = 1;
    }
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    table.push(`${result}  ${seconds.padStart(6)} s  ${title.padEnd(38)}  ${detail}`);
    // Later steps need the build.
    if (step === build && result === "failed") break;
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`\n${table.join("\n")}`);

async function build() {
  await run("pnpm", ["exec", "turbo", "run", "build", "--output-logs=errors-only"]);
  return `${packages().length} packages`;
}

async function pack() {
  await run("node", ["tools/repo/packed.mjs", tarballs]);
  return `${readdirSync(tarballs).length} tarballs, repository ${repository()}`;
}

async function provenance() {
  const workflow = readFileSync(".github/workflows/release.yml", "utf8");
  const needed = ["id-token: write", 'NPM_CONFIG_PROVENANCE: "true"', "run release:publish"];
  const missing = needed.filter((line) => !workflow.includes(line));
  if (missing.length > 0) throw new Error(`.github/workflows/release.yml does not contain ${missing.join(" and ")}`);
  const versions = new Set(packages().map(({ manifest }) => manifest.version));
  if (versions.size > 1) throw new Error(`the packages have several versions: ${[...versions].join(", ")}`);
  return `release.yml requests them; every package is ${[...versions][0]}`;
}

async function jsr() {
  await run("node", ["tools/repo/jsr.mjs"]);
  return "accepts types, declarations and files";
}

async function install() {
  const project = join(folder, "project");
  mkdirSync(project);
  await run("npm", ["init", "--yes"], { cwd: project, env });
  const files = readdirSync(tarballs).map((file) => join(tarballs, file));
  await run("npm", ["install", "--no-audit", "--no-fund", ...files], { cwd: project, env });
  return play(project);
}

/** Runs the README's first box as it is printed, but clones HEAD of this repository from this machine. */
async function clone() {
  const own = {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `url.${resolve(".")}.insteadOf`,
    GIT_CONFIG_VALUE_0: repository(),
  };
  const script = `set -e\n${box}\npwd`;
  const { stdout } = await run("sh", ["-c", script], { cwd: folder, env: { ...env, ...own } });
  return play(stdout.trim().split("\n").at(-1) ?? "");
}

/** Runs the README's first program in a folder with the packages installed. @param {string} project */
async function play(project) {
  const file = join(project, "hello.mjs");
  writeFileSync(file, program);
  const { stdout } = await run("node", [file], { cwd: project, env });
  if (stdout !== printedBy(program)) throw new Error(`the README's program printed "${stdout}"`);
  return `prints ${stdout.trim()}`;
}

/** @param {string} command @param {string[]} args @param {import("node:child_process").ExecFileOptions} [options] */
function run(command, args, options = {}) {
  return promisify(execFile)(command, args, { maxBuffer: 1 << 24, ...options, encoding: "utf8" });
}
