import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    main: "src/main.ts",
    worker: "src/worker.ts",
    "under-test": "src/under-test.ts",
  },
  format: "esm",
  target: "node20",
  clean: true,
});
