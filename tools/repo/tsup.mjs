// @ts-check
import { defineConfig } from "tsup";

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
    // TypeScript 6 deprecates an option that tsup's declaration build still sets.
    dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
  });
