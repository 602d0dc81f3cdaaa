// SPDX-License-Identifier: Apache-2.0
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { best } from "../best.ts";
import { checkBuilds } from "./build.ts";
import { rows } from "./rows.ts";
import { type AgainstRow, ENOUGH } from "./verdict.ts";

const CHILD = fileURLToPath(new URL("./against/child.js", import.meta.url));
// With concurrent compilation, inlining depends on timing, and results differ by 10 % from run to run.
const NODE = [process.execPath, "--no-concurrent-recompilation"];
const HERE = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Races the build of this checkout against another, in each row whose name contains all words.
 *
 * @throws Error if no name contains the words, or a build is missing
 */
export function compareBuilds(
  other: string,
  words: readonly string[],
  rounds: number,
  progress: (done: string) => void,
): AgainstRow[] {
  const before = resolve(other);
  checkBuilds(before, HERE);
  const names = [...rows.keys()].filter((name) => words.every((word) => name.includes(word)));
  if (names.length === 0)
    throw new Error(`no row contains "${words.join(" ")}": choose from ${[...rows.keys()].join("; ")}`);
  return names.map((row, i) => {
    progress(`${i + 1} of ${names.length}: ${row}`);
    const [old, now] = best([...NODE, CHILD, String(rounds), row, before, HERE], ENOUGH);
    return { row, before: old, after: now };
  });
}
