// SPDX-License-Identifier: Apache-2.0
// Runs the suite in this process: `RUNTIME dist/run.js ADAPTER ENVIRONMENT [ONLY]` prints each result as a line of JSON.
import type { Environment } from "../suite.ts";
import type { RemoteEnvironment } from "./environment.ts";
import { type CaseResult, runAll } from "./run-all.ts";

const [adapter = "", remote = "{}", only] = process.argv.slice(2);
const report = (result: CaseResult): void => console.log(JSON.stringify(result));
process.on("unhandledRejection", (reason) => report({ title: "leaves no rejection unhandled", error: String(reason) }));
const { connect } = (await import(adapter)) as Pick<Environment, "connect">;
await runAll(connect, JSON.parse(remote) as RemoteEnvironment, report, only);
