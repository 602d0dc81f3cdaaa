// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const command = fileURLToPath(new URL("../bin/natswire-fuzz.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "natswire-fuzz-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** The result of a process. */
export interface Result {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs the built command to its end. */
export function natswireFuzz(...args: readonly string[]): Promise<Result> {
  const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { env, timeout: 60_000 }, (error, output, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code), output, errors });
    });
  });
}

/** Writes a file, and returns its path. */
export function written(source: string, extension = "mjs"): string {
  const file = join(folder, `file-${files++}.${extension}`);
  writeFileSync(file, source);
  return file;
}

/** Writes a module whose parser has a body, and returns its path. */
export function parserOf(body: string, before = ""): string {
  return written(`${before}
    export const from = "server";
    export default function parse(chunks) { ${body} }`);
}
