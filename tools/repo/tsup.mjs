// @ts-check
import { defineConfig } from "tsup";

/**
 * Turns `var` back into `const` for names in capitals. esbuild writes each top-level `const` as a `var`, which engines
 * load and check each time instead of folding it: 5 % of the scanner's time for a message (`scan 16 B`).
 */
const constants = {
  name: "constants",
  /** @param {string} code */
  renderChunk: (code) => ({ code: code.replace(/^var (?=[A-Z][A-Z\d_]* = )/gm, "const ") }),
};

/**
 * Returns the build configuration of every package: ESM, ES2022, declarations, dependencies not bundled.
 *
 * @param {string[]} entry source files, one per published subpath
 * @param {"neutral" | "node" | "browser"} [platform] neutral, except for adapters
 */
export const preset = (entry, platform = "neutral") =>
  defineConfig({
    entry,
    platform,
    format: "esm",
    target: "es2022",
    clean: true,
    splitting: true,
    treeshake: true,
    plugins: [constants],
    dts: {
      // Declares AsyncDisposable for programs that compile for less than ESNext.
      banner: '/// <reference lib="esnext.disposable" />',
      // TypeScript 6 deprecates an option that tsup's declaration build still sets.
      compilerOptions: { ignoreDeprecations: "6.0" },
    },
  });
