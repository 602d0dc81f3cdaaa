import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    run: "runtimes/run.ts",
    dial: "runtimes/dial.ts",
    suite: "runtimes/main.ts",
    mutants: "mutants/main.ts",
    prove: "mutants/prove.ts",
  },
  format: "esm",
  target: "node20",
  clean: true,
});
