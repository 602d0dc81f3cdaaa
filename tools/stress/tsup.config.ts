import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    main: "src/main.ts",
    memory: "src/memory/main.ts",
    siege: "src/siege/main.ts",
    "memory-probe": "src/siege/memory-probe.ts",
  },
  format: "esm",
  target: "node20",
  clean: true,
});
