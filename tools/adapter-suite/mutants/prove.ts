// SPDX-License-Identifier: Apache-2.0
// `node dist/prove.js` plays the whole suite on every mutant, and prints how many cases find it; with a name it does so on that
// mutant. It exits with 1 if the case that is named for a mutant does not find it.
import { fileURLToPath } from "node:url";
import { makeCertificates } from "../../testkit/certificates.ts";
import { Program } from "../../testkit/program.ts";
import { openEnvironment } from "../runtimes/environment.ts";
import type { MutantResult } from "./main.ts";
import { type Mutant, mutants } from "./mutants.ts";

const PROGRAM = fileURLToPath(new URL("./mutants.js", import.meta.url));
// A mutant that breaks everything waits 8 seconds in each case.
const TIMEOUT = 900_000;
const AT_ONCE = 4;

const [certificates, untrusted] = [makeCertificates(), makeCertificates()];
const left = Object.entries(mutants).filter(([name]) => name === process.argv[2] || process.argv[2] === undefined);
let missed = 0;
await Promise.all(Array.from({ length: AT_ONCE }, playNext));
certificates.remove();
untrusted.remove();
console.log(`\n${missed} of ${Object.keys(mutants).length} mutants not found by their case`);
process.exitCode = missed === 0 ? 0 : 1;

async function playNext(): Promise<void> {
  for (let next = left.shift(); next !== undefined; next = left.shift()) await play(...next);
}

async function play(mutant: string, { foundBy }: Mutant): Promise<void> {
  const environment = await openEnvironment("the embedded server", certificates, untrusted);
  const program = new Program("node", [PROGRAM, JSON.stringify(environment.over("tcp")), mutant], TIMEOUT);
  const failed: string[] = [];
  let cases = 0;
  for await (const line of program) {
    const { title, error } = line as MutantResult;
    cases++;
    if (error !== undefined) failed.push(title);
  }
  await environment.close();
  const isFound = failed.includes(foundBy);
  if (!isFound) missed++;
  console.log(`${isFound ? "✓" : "✗"} ${mutant}: found by ${failed.length} of ${cases} cases`);
}
