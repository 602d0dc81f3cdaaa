import { defineConfig } from "tsup";

export default defineConfig({
  entry: { main: "src/main.ts", parsers: "src/parsers.ts" },
  format: "esm",
  target: "node20",
  clean: true,
});
