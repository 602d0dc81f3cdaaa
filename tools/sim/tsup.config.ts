import { defineConfig } from "tsup";

export default defineConfig({
  entry: { main: "src/main.ts", "under-test": "src/under-test.ts" },
  format: "esm",
  target: "node20",
  clean: true,
});
