import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    main: "src/main.ts",
    worker: "src/worker.ts",
    "under-test": "src/under-test.ts",
    // The worker for a module with a parser, which the package's own code starts.
    "parser-worker": "../../packages/fuzz/src/parser-worker.ts",
  },
  format: "esm",
  target: "node20",
  clean: true,
});
