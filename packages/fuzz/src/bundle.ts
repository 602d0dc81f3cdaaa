// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { COUNTERS } from "./coverage.ts";
import { UnusableTarget } from "./finding.ts";

/**
 * Bundles a module and its imports into one file, with a counter in every statement and branch if `instrumented`.
 *
 * @throws UnusableTarget with the errors of the bundler
 */
export async function bundled(entry: string, instrumented: boolean): Promise<string> {
  // Loaded only if needed: together they take longer to load than a short run.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "silent",
    // CommonJS modules in the bundle need these.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  }).catch((error: Error) => {
    throw new UnusableTarget(`cannot bundle ${entry}: ${error.message}`);
  });
  const { text } = outputFiles[0]!;
  if (!instrumented) return text;
  const { createInstrumenter } = await import("istanbul-lib-instrument");
  return createInstrumenter({ esModules: true, coverageVariable: COUNTERS }).instrumentSync(text, entry);
}

/** Bundles a module into a file for the time of a call, which gets its URL. */
export async function withBundle<T>(
  entry: string,
  instrumented: boolean,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "natswire-fuzz-"));
  try {
    const file = join(folder, "module.mjs");
    writeFileSync(file, await bundled(entry, instrumented));
    return await use(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
