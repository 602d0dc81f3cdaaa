import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["@natswire/source"];

const tests: Record<string, string[]> = {
  codec: ["packages/codec/test/**/*.test.ts", "tools/fuzz/test/corpus.test.ts"],
  server: ["packages/server/test/**/*.test.ts"],
  session: ["packages/session/test/**/*.test.ts"],
};

// Runs few inputs per property test, and the fuzzer's corpus: enough to kill a mutant, fast enough for thousands.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: tests[process.env["NATSWIRE_MUTANTS"] ?? "codec"] ?? [],
    // This test starts another process, which runs without the mutant.
    exclude: ["packages/codec/test/vectors.test.ts"],
    env: { NATSWIRE_RUNS: "0.002" },
    // This test takes a second and kills no mutant that faster ones miss.
    testNamePattern: /^(?!.*500 frames)/,
    testTimeout: 20_000,
  },
});
