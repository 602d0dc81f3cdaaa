// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Contestant } from "./race.ts";

// From where the bundle is.
const SOURCES = fileURLToPath(new URL("../native/client/", import.meta.url));
const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/bench/", import.meta.url));

/** The clients in C and Go, as far as they can be built here; `refused` is told why another is left out. */
export function natives(refused: (reason: string) => void): Contestant[] {
  mkdirSync(CACHE, { recursive: true });
  return [
    // Its requests block a thread each.
    { name: "nats.c", build: builtC, lacks: ["many"] as const },
    { name: "nats.go", build: builtGo, lacks: [] },
  ].flatMap(({ name, build, lacks }) => {
    try {
      return [{ name, command: [build()], lacks }];
    } catch (error) {
      refused(`${name} is not run here: ${String(error).split("\n")[0]}`);
      return [];
    }
  });
}

/** @throws where gcc or libnats-dev is missing */
function builtC(): string {
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", "libnats"], { encoding: "utf8", stdio: "pipe" });
  const program = join(CACHE, "client-c");
  const args = ["-O2", "-o", program, join(SOURCES, "c/main.c"), ...flags.trim().split(/\s+/), "-lpthread"];
  execFileSync("gcc", args, { stdio: "pipe" });
  return program;
}

/** @throws where go or its registry is missing */
function builtGo(): string {
  const program = join(CACHE, "client-go");
  execFileSync("go", ["build", "-o", program, "."], { cwd: join(SOURCES, "go"), stdio: "pipe" });
  return program;
}
