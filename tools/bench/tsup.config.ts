import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/main.ts", "src/child.ts", "src/fanout-load.ts", "src/fanout-serve.ts", "src/client/player.ts"],
  format: "esm",
  target: "node20",
  clean: true,
});
