// SPDX-License-Identifier: Apache-2.0
// Runs the suite in this process: `RUNTIME dist/run.js ADAPTER ENVIRONMENT [ONLY]` prints lines of JSON: `{"begins"}` with the
// title of each case, and its result.
import type { AdapterModule } from "../suite.ts";
import type { RemoteEnvironment } from "./environment.ts";
import { type CaseResult, runAll } from "./run-all.ts";

const [adapter = "", remote = "{}", only] = process.argv.slice(2);
const say = (line: CaseResult | { readonly begins: string }): void => console.log(JSON.stringify(line));
process.on("unhandledRejection", (reason) => say({ title: "leaves no rejection unhandled", error: String(reason) }));
const module = (await import(adapter)) as AdapterModule;
let hasFailed = false;
const result = (one: CaseResult): void => {
  hasFailed ||= one.error !== undefined;
  say(one);
};
await runAll(
  module,
  JSON.parse(remote) as RemoteEnvironment,
  { begin: (title) => say({ begins: title }), result },
  only,
);
// A case that failed may have left a connection open.
if (hasFailed) process.exit();
