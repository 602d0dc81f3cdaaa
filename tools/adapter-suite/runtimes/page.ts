// SPDX-License-Identifier: Apache-2.0
// Runs the suite in a browser page.
import { connect, dialWith } from "@natswire/websocket";
import type { SuiteOptions } from "../suite.ts";
import type { RemoteEnvironment } from "./environment.ts";
import { type CaseResult, runAll } from "./run-all.ts";

declare function addEventListener(
  type: "unhandledrejection",
  listener: (event: { readonly reason: unknown }) => void,
): void;

/** A page cannot choose certificates: the browser does. */
const connectInBrowser = ({ tls: _, handshakeFirst: __, ...options }: SuiteOptions) => connect(options);

/** Runs all cases. */
export async function run(remote: RemoteEnvironment): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  addEventListener("unhandledrejection", ({ reason }) => {
    results.push({ title: "leaves no rejection unhandled", error: String(reason) });
  });
  await runAll({ connect: connectInBrowser, dialWith: () => dialWith() }, remote, {
    result: (result) => void results.push(result),
  });
  return results;
}
