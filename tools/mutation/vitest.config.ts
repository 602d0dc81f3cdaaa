import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["@natswire/source"];

const tests: Record<string, string[]> = {
  codec: ["packages/codec/test/**/*.test.ts", "tools/fuzz/test/corpus.test.ts"],
  server: ["packages/server/test/**/*.test.ts"],
  session: ["packages/session/test/**/*.test.ts"],
};

// The laws, each tried a little, and the inputs coverage kept: enough to kill a mutant, quick enough for thousands.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: tests[process.env["NATSWIRE_MUTANTS"] ?? "codec"] ?? [],
    // Its runner is a process of its own, which sees no mutant.
    exclude: ["packages/codec/test/vectors.test.ts"],
    env: { NATSWIRE_RUNS: "0.002" },
    // A second for what the shorter ones find too.
    testNamePattern: /^(?!.*500 frames)/,
    testTimeout: 20_000,
  },
});
