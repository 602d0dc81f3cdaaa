// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";
import type { connectWith } from "@natswire/io";
import { build } from "esbuild";
import { Runtime } from "./callbacks/runtime.ts";
import type { Machines } from "./network.ts";

/** The module under test: the same path from this source and from its bundle. */
export const UNDER_TEST: URL = new URL("../src/under-test.ts", import.meta.url);

/** The code under test: the two machines, and the client on a runtime whose time is simulated. */
export interface UnderTest extends Machines {
  readonly connectWith: typeof connectWith;
  readonly runtime: Runtime;
}

/** Loads the code under test from the sources of the packages, with a simulated runtime in place of `globalThis`. */
export async function load(entry: string = fileURLToPath(UNDER_TEST)): Promise<UnderTest> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "cjs",
    target: "node20",
    conditions: ["@natswire/source"],
    // A copy of the packages has no dependencies of its own.
    nodePaths: [fileURLToPath(new URL("../../../packages/io/node_modules", import.meta.url))],
    logLevel: "error",
  });
  const runtime = new Runtime();
  const module = { exports: {} };
  const run = compileFunction(outputFiles[0]!.text, ["module", "globalThis"], { filename: "under-test.cjs" });
  run(module, runtime.globals);
  return { ...(module.exports as Omit<UnderTest, "runtime">), runtime };
}
