// @ts-check
import { defineConfig } from "tsup";

/**
 * esbuild writes each top-level `const` as a `var`. Engines fold constants into the code that uses them; variables they
 * load and check each time, which is a twentieth of the scanner's time for a message (`scan 16 B`). CAPITALS are constants.
 */
const constants = {
  name: "constants",
  /** @param {string} code */
  renderChunk: (code) => ({ code: code.replace(/^var (?=[A-Z][A-Z\d_]* = )/gm, "const ") }),
};

/**
 * The one build preset: ESM, ES2022, declarations, nothing bundled that is a dependency.
 *
 * @param {string[]} entry source files, one per published subpath
 * @param {"neutral" | "node" | "browser"} [platform] neutral for everything that is not an adapter
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
      // A program that compiles for less than ESNext knows AsyncDisposable by this.
      banner: '/// <reference lib="esnext.disposable" />',
      // TypeScript 6 deprecates an option that tsup's declaration build still sets.
      compilerOptions: { ignoreDeprecations: "6.0" },
    },
  });
