// @ts-check
// npm run prove: the long checks, and those that need more than Node, npm and Debian. Most steps append a row to
// docs/results.
//
//   npm run prove                 every step; takes hours
//   npm run prove -- laws fuzz    only these two
//   npm run prove -- jetstream --minutes 10    not two hours; links takes one hour by default
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const LAWS = "docs/results/laws.md";
const SIEGE = "docs/results/siege.md";
const SIM = "docs/results/sim.md";
const FAULTS = "docs/results/faults.md";
const SOAK = "docs/results/soak.md";
const JETSTREAM = "docs/results/jetstream-soak.md";
const LINKS = "docs/results/cluster.md";
const MEMORY = "docs/results/memory.md";
const CONFORMANCE = "docs/results/conformance.md";
const PROXIES = "docs/results/proxies.md";
// The current nats-server is built here; git ignores the folder.
const CACHE = resolve(".cache/bin");
const REPORT = ".reports/vitest.json";
const TIMES = 20;
// Columns of the results of tools/stress.
const COUNTS = ["reconnects", "published", "received", "lost", "unknown"];
const GROWTH = ["before", "after", "slope"];

/** @type {Record<string, () => number>} */
const steps = {
  laws,
  conformance,
  recordings,
  proxies,
  siege,
  sim,
  faults,
  cluster,
  rotation,
  soak,
  jetstream,
  links,
  memory,
  fuzz: () => run("node", "tools/fuzz/dist/main.js", "--profile", "long", "--time", "1800"),
  mutants: () => run("node", "tools/mutation/run.mjs"),
  adapters: () => run("node", "tools/adapter-suite/dist/prove.js"),
  vectors: () => run("node", "tools/foreign-clients/dist/parsers.js"),
  foreign: () => run("node", "tools/foreign-clients/dist/main.js"),
  toolchains: () => run("node", "tools/toolchains/prove.mjs"),
  site: () => run("node", "tools/site/build.mjs") || run("node", "tools/site/visit.mjs"),
  native: () => run("node", "tools/bench/dist/main.js", "native"),
  jsr: () => run("node", "tools/repo/jsr.mjs"),
  rehearse: () => run("node", "tools/repo/rehearse.mjs"),
};

const { values, positionals: selected } = parseArgs({
  options: { minutes: { type: "string" } },
  allowPositionals: true,
});
for (const name of selected)
  if (steps[name] === undefined)
    throw new Error(`unknown step "${name}": choose from ${Object.keys(steps).join(", ")}`);
if (run("pnpm", "exec", "turbo", "run", "build", "--output-logs=errors-only") !== 0) process.exit(1);
for (const [name, step] of Object.entries(steps)) {
  if (selected.length > 0 && !selected.includes(name)) continue;
  console.log(`\n── ${name}`);
  const began = Date.now();
  const status = step();
  console.log(`── ${name}: ${status === 0 ? "passed" : "failed"} in ${minutesSince(began)} min`);
  if (status !== 0) process.exitCode = 1;
}

/** Runs the property tests with 20 times the inputs of npm test. */
function laws() {
  const began = Date.now();
  const projects = ["codec", "server", "session", "jetstream-server"].flatMap((name) => ["--project", name]);
  const command = ["exec", "vitest", "run", ...projects, "laws", "encoder", "headers", "subject", "model"];
  const status = runLonger(command);
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(REPORT, "utf8"));
  const figures = [process.version, numPassedTests, numFailedTests, minutesSince(began)];
  append(LAWS, [today(), `${TIMES} times npm test`, ...figures]);
  return status;
}

/** Compares the embedded server with Debian's nats-server and with the current one: scripts and random sessions. */
function conformance() {
  const failed = compareWith("Debian's", {});
  return withCurrentServer((env) => compareWith("the current", env)) || failed;
}

/** Records anew what nats-server does in the scripts of JetStream: that of NATS_SERVER, or Debian's and the current one. */
function recordings() {
  const command = ["tools/parity/dist/jetstream.js", "record"];
  const status = run("node", ...command);
  if (status !== 0 || process.env["NATS_SERVER"] !== undefined) return status;
  return withCurrentServer((env) => runWith(env, "node", ...command));
}

/** Runs the proxies of docs/rewriting.md at the current nats-server. Debian's knows no trusted proxies. */
function proxies() {
  return withCurrentServer((env) => {
    const began = Date.now();
    const status = runLonger(["exec", "vitest", "run", "--project", "examples", "rewriting"], env);
    const { testResults, numPassedTests, numFailedTests } = JSON.parse(readFileSync(REPORT, "utf8"));
    const version = /nats-server ([.\d]+)/.exec(JSON.stringify(testResults))?.[1];
    append(PROXIES, [today(), version ?? "", process.version, numPassedTests, numFailedTests, minutesSince(began)]);
    return status;
  });
}

/**
 * Builds the current nats-server and runs a step with it. Skips the step if go is not installed.
 *
 * @param {(env: Record<string, string>) => number} step
 */
function withCurrentServer(step) {
  const install = ["install", "github.com/nats-io/nats-server/v2@latest"];
  const built = spawnSync("go", install, { stdio: "inherit", env: { ...process.env, GOBIN: CACHE } });
  if (built.error !== undefined) {
    console.log("skips the current nats-server: go is not installed");
    return 0;
  }
  return built.status === 0 ? step({ NATS_SERVER: resolve(CACHE, "nats-server") }) : (built.status ?? 1);
}

/** @param {string} which @param {Record<string, string>} env */
function compareWith(which, env) {
  const began = Date.now();
  const names = ["parity", "adapter-suite", "foreign-clients", "stress", "nats-js"];
  const projects = names.flatMap((name) => ["--project", name]);
  const status = runLonger(["exec", "vitest", "run", ...projects], env);
  /** @type {{ testResults: { name: string, assertionResults: { title: string }[] }[] } & Record<string, number>} */
  const report = JSON.parse(readFileSync(REPORT, "utf8"));
  /** @param {string} file */
  const titles = (file) =>
    report.testResults.find(({ name }) => name.endsWith(file))?.assertionResults.map(({ title }) => title) ?? [];
  const version = titles("random.test.ts").map((title) => /nats-server (\S+)/.exec(title)?.[1]);
  const scripts = titles("scripts.test.ts").length;
  const differences = titles("differences.test.ts").filter((title) => title.includes("about a difference")).length;
  const { numPassedTests = 0, numFailedTests = 0 } = report;
  // If tests could not run at all, there are no figures to append.
  if (status !== 0 && numFailedTests === 0) return status;
  const figures = [scripts, differences, `${TIMES} times npm test`, numPassedTests, numFailedTests];
  append(CONFORMANCE, [today(), `${which}, ${version}`, process.version, ...figures, minutesSince(began)]);
  return status;
}

/** Sends garbage to the port of npm run serve for a minute, next to clients that count their messages. */
function siege() {
  const command = ["tools/stress/dist/siege.js", "--time", "60"];
  const { status, stdout } = spawnSync("node", command, { stdio: ["inherit", "pipe", "inherit"], encoding: "utf8" });
  console.log(stdout);
  if (status !== 0) return status ?? 1;
  const figures = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  const { seconds, connections, inputs, bytes, published, delivered, requests, before, after } = figures;
  const kilobytes = [before, after].map((held) => Math.round(held / 1024));
  const row = [seconds, connections, inputs, bytes, published, delivered, requests, ...kilobytes];
  append(SIEGE, [today(), process.version, ...row]);
  return 0;
}

/** Simulates 25,000 seeds that no earlier run has used. */
function sim() {
  const command = [
    "tools/sim/dist/main.js",
    "--from",
    String(Math.floor(Date.now() / 1000)),
    "--seeds",
    "25000",
    "--figures",
  ];
  const { status, stdout } = spawnSync("node", command, { stdio: ["inherit", "pipe", "inherit"], encoding: "utf8" });
  console.log(stdout);
  const { from, seeds, steps, seconds, broken } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  append(SIM, [today(), process.version, `--from ${from} --seeds ${seeds}`, steps, broken, (seconds / 60).toFixed(1)]);
  return status ?? 1;
}

/** Injects ten thousand faults between clients and a real nats-server, with a new seed. */
function faults() {
  return stress(FAULTS, ["--faults", "10000", "--seed", newSeed()], ["faults", ...COUNTS, "zombies", "broken", "time"]);
}

/** Kills the connected node of a real cluster 200 times. */
function cluster() {
  return stress(FAULTS, ["cluster", "--kills", "200"], ["kills", ...COUNTS, "zombies", "broken", "time"]);
}

/** Rotates the certificates of a real nats-server and its client 200 times, with a new seed. */
function rotation() {
  const args = ["rotation", "--rotations", "200", "--seed", newSeed()];
  return stress(FAULTS, args, ["rotations", ...COUNTS, "zombies", "broken", "time"]);
}

/** Runs clients for ten minutes at a real nats-server that is killed at random. */
function soak() {
  return stress(SOAK, ["soak", "--minutes", "10", "--seed", newSeed()], ["kills", ...COUNTS, ...GROWTH, "broken"]);
}

/** Runs the official JetStream, KV and service modules for two hours while a real nats-server and connections fail. */
function jetstream() {
  const counts = ["published", "retried", "delivered", "redelivered", "confirmed", "repeated", "puts", "replies"];
  const columns = ["kill", "outage", "cut", "fault", "reconnects", ...counts, ...GROWTH, "broken"];
  return stress(JETSTREAM, ["jetstream", "--minutes", values.minutes ?? "120", "--seed", newSeed()], columns);
}

/** Decodes and encodes an hour of traffic between the servers of clusters: those of NATS_SERVER, or current ones. */
function links() {
  const args = ["links", "--minutes", values.minutes ?? "60", "--seed", newSeed()];
  const columns = ["connections", "pinned", "frames", "bytes", "published", "received", "broken"];
  if (process.env["NATS_SERVER"] !== undefined) return stress(LINKS, args, columns);
  return withCurrentServer((env) => stress(LINKS, args, columns, env));
}

function newSeed() {
  return String(Math.floor(Date.now() / 1000));
}

/**
 * Runs a scenario of tools/stress, and appends these figures of it.
 *
 * @param {string} file @param {readonly string[]} args @param {readonly string[]} columns @param {Record<string, string>} [env]
 */
function stress(file, args, columns, env = {}) {
  const began = Date.now();
  const command = ["tools/stress/dist/main.js", ...args, "--figures"];
  const { status, stdout } = spawnSync("node", command, {
    stdio: ["inherit", "pipe", "inherit"],
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  console.log(stdout);
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) return status ?? 1;
  const { again, version, before, after, slope, disasters, ...counts } = JSON.parse(last);
  const memory = {
    before: Math.round(before / 1024),
    after: Math.round(after / 1024),
    slope: (slope / 1048576).toFixed(2),
  };
  /** @type {Record<string, string | number>} */
  const figures = { ...counts, ...disasters, ...memory, time: minutesSince(began) };
  append(file, [today(), process.version, version, again, ...columns.map((name) => figures[name] ?? "")]);
  return status ?? 1;
}

/** Sends ten million messages through a client whose process has a heap of 40 MiB. */
function memory() {
  const messages = 10_000_000;
  const command = ["--max-old-space-size=40", "--expose-gc", "tools/stress/dist/memory.js"];
  const args = [...command, "a million messages through a client", String(messages)];
  const { status, stdout } = spawnSync("node", args, { stdio: ["inherit", "pipe", "inherit"], encoding: "utf8" });
  console.log(stdout);
  if (status !== 0) return status ?? 1;
  const { most } = JSON.parse(stdout);
  append(MEMORY, [today(), process.version, messages, Math.round(most / 1024)]);
  return most < 1 << 20 ? 0 : 1;
}

/** @param {string[]} command @param {Record<string, string>} [env] */
function runLonger(command, env) {
  const all = { ...process.env, ...env, NATSWIRE_RUNS: String(TIMES) };
  return spawnSync("pnpm", command, { stdio: "inherit", env: all }).status ?? 1;
}

/** @param {string} file @param {readonly (string | number)[]} row */
function append(file, row) {
  appendFileSync(file, `| ${row.join(" | ")} |\n`);
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

/** @param {number} began */
function minutesSince(began) {
  return minutes((Date.now() - began) / 1000);
}

/** @param {number} seconds */
function minutes(seconds) {
  return (seconds / 60).toFixed(1);
}

/** @param {string} program @param {string[]} args */
function run(program, ...args) {
  return runWith({}, program, ...args);
}

/** @param {Record<string, string>} env @param {string} program @param {string[]} args */
function runWith(env, program, ...args) {
  return spawnSync(program, args, { stdio: "inherit", env: { ...process.env, ...env } }).status ?? 1;
}
