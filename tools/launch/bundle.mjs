// @ts-check
// SPDX-License-Identifier: Apache-2.0
import { build } from "esbuild";

/**
 * Bundles a program with the source of the packages, so that it runs without a build.
 *
 * @param {string} entry
 * @param {string} outfile
 * @param {"warning" | "silent"} [logLevel]
 */
export async function bundle(entry, outfile, logLevel = "warning") {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    conditions: ["@natswire/source"],
    // CommonJS dependencies load Node's modules with require().
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    logLevel,
  });
}
