import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["@natswire/source"];

const tests: Record<string, string[]> = {
  codec: ["packages/codec/test/**/*.test.ts", "tools/fuzz/test/corpus.test.ts"],
  server: ["packages/server/test/**/*.test.ts"],
  session: ["packages/session/test/**/*.test.ts"],
};

// Few runs of each law, and the kept inputs of the fuzzer: enough to kill a mutant, quick enough for thousands.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: tests[process.env["NATSWIRE_MUTANTS"] ?? "codec"] ?? [],
    // It runs in a process of its own, without the mutant.
    exclude: ["packages/codec/test/vectors.test.ts"],
    env: { NATSWIRE_RUNS: "0.002" },
    // It takes a second and finds nothing that shorter tests do not.
    testNamePattern: /^(?!.*500 frames)/,
    testTimeout: 20_000,
  },
});
