// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A client by another project, and our program that uses it. */
export interface Client {
  readonly language: string;
  /** The name of its package. */
  readonly library: string;
  /** Programs that are needed to build it. */
  readonly needs: readonly string[];
  /**
   * Builds the program in a copy of its folder.
   *
   * @returns the command that runs it, without its last argument, the URL of the server
   * @throws Error with the output of the build
   */
  readonly build: (folder: string) => readonly string[];
}

const SOURCES = fileURLToPath(new URL("../clients/", import.meta.url));
const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/foreign/", import.meta.url));
// Milliseconds.
const BUILD_TIMEOUT = 900_000;

export const clients: readonly Client[] = [
  {
    language: "JavaScript",
    library: "@nats-io/transport-node",
    needs: [],
    // Runs in place: its client is installed with the workspace.
    build: () => [process.execPath, join(SOURCES, "javascript/main.mjs")],
  },
  {
    language: "C",
    library: "nats.c",
    needs: ["gcc", "pkg-config"],
    build(folder) {
      if (spawnSync("pkg-config", ["--exists", "libnats"]).status !== 0) installLibnats();
      const flags = execFileSync("pkg-config", ["--cflags", "--libs", "libnats"], { encoding: "utf8" });
      run(folder, "gcc", "-Wall", "-o", "main", "main.c", ...flags.trim().split(/\s+/));
      return [join(folder, "main")];
    },
  },
  {
    language: "Go",
    library: "nats.go",
    needs: ["go"],
    build(folder) {
      run(folder, "go", "build", "-o", "main", ".");
      return [join(folder, "main")];
    },
  },
  {
    language: "Python",
    library: "nats-py",
    needs: ["python3"],
    build(folder) {
      return [pythonIn(folder), join(folder, "main.py")];
    },
  },
  {
    language: "Rust",
    library: "async-nats",
    needs: ["cargo"],
    build(folder) {
      run(folder, "cargo", "build", "--quiet");
      return [join(folder, "target/debug/foreign")];
    },
  },
  {
    language: "Java",
    library: "jnats",
    needs: ["java", "mvn"],
    build(folder) {
      run(folder, "mvn", "-q", "-B", "compile", "dependency:copy-dependencies");
      return ["java", "-cp", [join(folder, "target/classes"), join(folder, "target/dependency/*")].join(":"), "Main"];
    },
  },
];

/** Returns the programs that a client needs and that are missing. */
export function missing({ needs }: Client): string[] {
  return needs.filter((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0);
}

/** Builds a client's program in a cache, so that the next build is incremental. */
export function built(client: Client): readonly string[] {
  const name = client.language.toLowerCase();
  return client.build(cached(join(SOURCES, name), name));
}

/** Copies a folder into the cache. Returns the copy. */
export function cached(source: string, name: string): string {
  const folder = join(CACHE, name);
  cpSync(source, folder, { recursive: true });
  return folder;
}

/** Returns a Python that has the packages of a folder's requirements.txt. */
export function pythonIn(folder: string): string {
  const python = join(folder, "venv/bin/python");
  if (!existsSync(python)) run(folder, "python3", "-m", "venv", "venv");
  run(folder, python, "-m", "pip", "install", "--quiet", "-r", "requirements.txt");
  return python;
}

function installLibnats(): void {
  if (process.getuid?.() !== 0) throw new Error("libnats is missing: apt-get install libnats-dev");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "libnats-dev"]])
    execFileSync("apt-get", ["-qq", ...args], { env, stdio: "pipe", timeout: BUILD_TIMEOUT });
}

/** Runs a program of a build in a folder. Returns what it prints. @throws Error with its output */
export function run(folder: string, program: string, ...args: string[]): string {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: BUILD_TIMEOUT,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? ""}\n${stdout}${stderr}`);
  return stdout;
}
