import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/main.ts",
    "src/child.ts",
    "src/against/child.ts",
    "src/against/rows.ts",
    "src/fanout-load.ts",
    "src/fanout-serve.ts",
    "src/jetstream-load.ts",
    "src/client/player.ts",
    "src/client/keeper.ts",
  ],
  format: "esm",
  target: "node20",
  clean: true,
  // `against/rows.js` is loaded once for each build: a chunk that it shared with others would be loaded only once.
  splitting: false,
});
