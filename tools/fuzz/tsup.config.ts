import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/main.ts", "src/worker.ts", "src/memory.ts"],
  format: "esm",
  target: "node20",
  clean: true,
});
