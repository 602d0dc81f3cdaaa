// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { escaped, unescaped } from "../../../packages/fuzz/src/escape.ts";

// The same path from this source, and from the bundle of a tool beside this one.
const folder = new URL("../../fuzz/corpus/", import.meta.url);

/** Returns the corpus of a target. The file has one escaped input a line; each reached something new when it was found. */
export function corpusOf(target: string): Uint8Array[] {
  const file = new URL(`${target}.txt`, folder);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split("\n").slice(0, -1).map(unescaped);
}

/** Writes the corpus of a target, in order of length. Returns the path of the file. */
export function keep(target: string, inputs: readonly Uint8Array[]): string {
  const lines = [...new Set(inputs.map(escaped))].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const file = fileURLToPath(new URL(`${target}.txt`, folder));
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}
