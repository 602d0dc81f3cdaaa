// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { Program } from "../../testkit/program.ts";
import type { RuntimeName } from "../../testkit/runtimes.ts";
import type { RemoteEnvironment } from "./environment.ts";
import type { CaseResult } from "./run-all.ts";

// Milliseconds after which the process is killed.
const TIMEOUT = 120_000;
// Milliseconds without a line of the process after which a case blocks it: a case ends after 8 seconds otherwise.
const SILENCE = 10_000;
const PROGRAM = fileURLToPath(new URL("../dist/run.js", import.meta.url));

/**
 * Runs the suite in a process of a runtime.
 *
 * @param adapter the name of a package, or the URL of a module, that exports `connect` and `dialWith`
 * @param onResult called with each result as it arrives
 * @param only runs the cases whose titles contain it; all by default
 * @param silence milliseconds that a case may block the process; 10,000 by default
 * @throws Error if a case blocks the process, with its title; if the process does not end after the last case; if it exits with
 * another code than 0
 */
export async function runIn(
  name: RuntimeName,
  adapter: string,
  remote: RemoteEnvironment,
  onResult: (result: CaseResult) => void = () => {},
  only = "",
  silence: number = SILENCE,
): Promise<CaseResult[]> {
  const program = new Program(name, [PROGRAM, adapter, JSON.stringify(remote), only], TIMEOUT);
  const results: CaseResult[] = [];
  let title: string | undefined;
  let isBlocked = false;
  const kill = (): void => {
    isBlocked = true;
    program.kill();
  };
  let timer = setTimeout(kill, silence);
  for await (const line of program) {
    clearTimeout(timer);
    timer = setTimeout(kill, silence);
    const result = line as CaseResult & { readonly begins?: string };
    if (result.begins !== undefined) {
      title = result.begins;
      continue;
    }
    title = undefined;
    results.push(result);
    onResult(result);
  }
  clearTimeout(timer);
  const code = await program.ended;
  if (isBlocked) {
    const what = title === undefined ? "between two cases, or after the last one" : `in the case "${title}"`;
    throw new Error(`the adapter blocks ${name}: no line for ${silence / 1000} seconds, ${what}`);
  }
  if (code !== 0) throw new Error(`${name} exited with ${code} after ${results.length} cases`);
  return results;
}
