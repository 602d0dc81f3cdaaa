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
 * Packages that exist as ES modules only. They are part of the CommonJS files, because what loads those, such as Jest, cannot
 * require an ES module. The ES modules import them.
 */
const esmOnly = ["@noble/ed25519", "@scure/base"];

/**
 * Returns the build configuration of a package: ES modules, CommonJS files, ES2022, declarations, dependencies not bundled.
 *
 * @param {string[]} entry source files, one per published subpath
 * @param {"neutral" | "node" | "browser"} [platform] neutral, except for adapters
 * @param {import("tsup").Format[]} [format] ES modules alone for a runtime that needs no other
 */
export const preset = (entry, platform = "neutral", format = ["esm", "cjs"]) =>
  defineConfig({
    entry,
    platform,
    format,
    target: "es2022",
    clean: true,
    splitting: true,
    treeshake: true,
    plugins: [constants],
    noExternal: esmOnly,
    esbuildOptions(options, { format }) {
      if (format === "esm") options.external = esmOnly;
    },
    dts: {
      // Declares AsyncDisposable for programs that compile for less than ESNext.
      banner: '/// <reference lib="esnext.disposable" />',
      // TypeScript 6 deprecates an option that tsup's declaration build still sets.
      compilerOptions: { ignoreDeprecations: "6.0" },
    },
  });
