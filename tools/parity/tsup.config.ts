import { defineConfig } from "tsup";

export default defineConfig({
  entry: { jetstream: "jetstream/main.ts" },
  format: "esm",
  target: "node20",
  clean: true,
});
