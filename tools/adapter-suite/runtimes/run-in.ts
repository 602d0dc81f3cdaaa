// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { Program } from "../../testkit/program.ts";
import type { RuntimeName } from "../../testkit/runtimes.ts";
import type { RemoteEnvironment } from "./environment.ts";
import type { CaseResult } from "./run-all.ts";

// Milliseconds after which the process is killed.
const TIMEOUT = 120_000;
const PROGRAM = fileURLToPath(new URL("../dist/run.js", import.meta.url));

/**
 * Runs the suite in a process of a runtime.
 *
 * @param adapter the name of a package, or the URL of a module, that exports `connect`
 * @param onResult called with each result as it arrives
 * @param only runs the cases whose titles contain it; all by default
 * @throws Error if the process exits with another code than 0
 */
export async function runIn(
  name: RuntimeName,
  adapter: string,
  remote: RemoteEnvironment,
  onResult: (result: CaseResult) => void = () => {},
  only = "",
): Promise<CaseResult[]> {
  const program = new Program(name, [PROGRAM, adapter, JSON.stringify(remote), only], TIMEOUT);
  const results: CaseResult[] = [];
  for await (const line of program) {
    const result = line as CaseResult;
    results.push(result);
    onResult(result);
  }
  const code = await program.ended;
  if (code !== 0) throw new Error(`${name} exited with ${code} after ${results.length} cases`);
  return results;
}
