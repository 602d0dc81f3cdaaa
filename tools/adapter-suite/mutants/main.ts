// SPDX-License-Identifier: Apache-2.0
// `node dist/mutants.js ENVIRONMENT` plays for each mutant the case that must find it, all at the same time, and prints each result
// as a line of JSON. `node dist/mutants.js ENVIRONMENT MUTANT` plays the whole suite on one mutant.
import { connectWithTls } from "@natswire/io/adapter";
import { type CaseResult, runAll } from "../runtimes/run-all.ts";
import type { AdapterModule, SuiteOptions, SuiteTls } from "../suite.ts";
import { type Mutant, mutants } from "./mutants.ts";

/** The result of a case on a mutant. */
export interface MutantResult extends CaseResult {
  readonly mutant: string;
}

const [remote = "{}", only] = process.argv.slice(2);
const environment = JSON.parse(remote);
// A mutant may do anything; what counts is that its case fails.
process.on("unhandledRejection", () => {});
process.on("uncaughtException", () => {});

await Promise.all(
  Object.entries(mutants).map(async ([mutant, { dialWith, foundBy }]) => {
    if (only !== undefined && only !== mutant) return;
    const result = (one: CaseResult): void => console.log(JSON.stringify({ mutant, ...one }));
    await runAll(adapterOf(dialWith), environment, { result }, only === undefined ? foundBy : "");
  }),
);
process.exit();

function adapterOf(dialWith: Mutant["dialWith"]): AdapterModule {
  return {
    connect: ({ tls, ...options }: SuiteOptions) =>
      connectWithTls<SuiteTls>(dialWith, { ...options, ...(tls && { tls }) }, []),
    dialWith,
  };
}
