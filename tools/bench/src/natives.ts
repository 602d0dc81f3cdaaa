// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as codec from "@natswire/codec";
import { made } from "./parse.ts";
import type { Result } from "./race.ts";

const NATS_GO = "github.com/nats-io/nats.go@v1.55.0";
/** The number of runs of each program; the medians are compared. */
export const TIMES = 3;
const MILLISECONDS = "200";
const CHILD = fileURLToPath(new URL("./child.js", import.meta.url));
const SOURCES = fileURLToPath(new URL("../native/", import.meta.url));

/** The scanner on this Node and a native program that reads the same bytes. */
export interface NativeRow {
  readonly reference: string;
  readonly stream: string;
  /** The ratio and both times per message as text, or the reason why they are missing. */
  readonly reading: string;
}

interface Native {
  readonly name: string;
  /** Compiles the program in a folder; returns its path. */
  readonly build: (folder: string) => string;
}

const natives: readonly Native[] = [
  { name: "C scan, gcc -O2, SSE2", build: compiledC },
  { name: `Go client's parser, ${NATS_GO.split("/").at(-1)}`, build: compiledGo },
];

const sizes = { "16 B": 16, "128 B": 128, "1 KB": 1024 } as const;

/** Measures the scanner and each native program in turns, so that other processes slow down both. */
export function againstNatives(progress: (done: string) => void): NativeRow[] {
  const folder = mkdtempSync(join(tmpdir(), "natswire-native-"));
  try {
    return natives.flatMap(({ name, build }) => {
      progress(name);
      let program: string;
      try {
        program = build(folder);
      } catch (error) {
        return [{ reference: name, stream: "all", reading: `not built here: ${String(error).split("\n")[0]}` }];
      }
      return Object.entries(sizes).map(([stream, size]) => {
        progress(`${name}, ${stream}`);
        return { reference: name, stream: `scan ${stream}`, reading: inTurns(program, stream, size, folder) };
      });
    });
  } finally {
    // Go creates the module cache without write permission.
    spawnSync("chmod", ["-R", "u+w", folder]);
    rmSync(folder, { recursive: true });
  }
}

function inTurns(program: string, stream: string, size: number, folder: string): string {
  const file = join(folder, "stream");
  const { chunks } = made({ size, chunk: 65_536 }, codec);
  writeFileSync(file, Buffer.concat(chunks));
  const theirs: number[] = [];
  const ours: number[] = [];
  for (let turn = 0; turn < TIMES; turn++) {
    const output = execFileSync(program, [file, MILLISECONDS], { encoding: "utf8" });
    theirs.push(...(JSON.parse(output) as { rounds: number[] }).rounds);
    const raced = execFileSync(process.execPath, [CHILD, "25", `parse scan ${stream}`], { encoding: "utf8" });
    ours.push((JSON.parse(raced) as Result[])[1]!.ns);
  }
  const [a, b] = [median(ours), median(theirs)];
  const ratio = a > b ? `${(a / b).toFixed(1)} times its time` : `${(b / a).toFixed(1)} times as fast`;
  return `${ratio}: ${a.toFixed(0)} ns against ${b.toFixed(0)} ns`;
}

function compiledC(folder: string): string {
  const program = join(folder, "scan");
  execFileSync("gcc", ["-O2", "-msse2", "-o", program, join(SOURCES, "scan.c")], { stdio: "pipe" });
  return program;
}

/** Builds the benchmark inside a copy of nats.go, because its parser is not exported. */
function compiledGo(folder: string): string {
  const module = join(folder, "nats.go");
  const output = execFileSync("go", ["mod", "download", "-json", NATS_GO], {
    cwd: folder,
    encoding: "utf8",
    stdio: "pipe",
  });
  const { Dir } = JSON.parse(output) as { Dir: string };
  cpSync(Dir, module, { recursive: true });
  execFileSync("chmod", ["-R", "u+w", module]);
  cpSync(join(SOURCES, "go"), module, { recursive: true });
  const program = join(folder, "natswirebench");
  execFileSync("go", ["build", "-o", program, "./natswirebench"], { cwd: module, stdio: "pipe" });
  return program;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
