// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Contestant } from "./race.ts";

// Relative to the bundle.
const SOURCES = fileURLToPath(new URL("../native/client/", import.meta.url));
const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/bench/", import.meta.url));

/** Builds the clients in C and Go. Skips a client that cannot be built here, and calls `skipped` with the reason. */
export function natives(skipped: (reason: string) => void): Contestant[] {
  mkdirSync(CACHE, { recursive: true });
  return [
    // Each request of nats.c blocks a thread.
    { name: "nats.c", build: builtC, lacks: ["many"] as const },
    { name: "nats.go", build: builtGo, lacks: [] },
  ].flatMap(({ name, build, lacks }) => {
    try {
      return [{ name, command: [build()], lacks }];
    } catch (error) {
      skipped(`skips ${name}: ${String(error).split("\n")[0]}`);
      return [];
    }
  });
}

/** @throws Error if gcc or libnats-dev is not installed */
function builtC(): string {
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", "libnats"], { encoding: "utf8", stdio: "pipe" });
  const program = join(CACHE, "client-c");
  const args = ["-O2", "-o", program, join(SOURCES, "c/main.c"), ...flags.trim().split(/\s+/), "-lpthread"];
  execFileSync("gcc", args, { stdio: "pipe" });
  return program;
}

/** @throws Error if go is not installed or cannot download modules */
function builtGo(): string {
  const program = join(CACHE, "client-go");
  execFileSync("go", ["build", "-o", program, "."], { cwd: join(SOURCES, "go"), stdio: "pipe" });
  return program;
}
