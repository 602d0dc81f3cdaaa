import { defineConfig } from "tsup";

export default defineConfig({
  entry: { foreign: "src/foreign/main.ts", play: "runtimes/play.ts", suite: "runtimes/main.ts" },
  format: "esm",
  target: "node20",
  clean: true,
});
