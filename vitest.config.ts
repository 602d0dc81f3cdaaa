import { defineConfig } from "vitest/config";

// Tests run on source: the condition is in every package's exports and is dropped when it is packed.
const conditions = ["@natswire/source"];

// A long run tries each property more often, and takes as much longer.
const times = Math.max(1, Number(process.env["NATSWIRE_RUNS"] ?? 1));

const project = (name: string, dir: string) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    root: dir,
    include: ["{test,testing}/**/*.test.ts"],
    testTimeout: 120_000 * times,
    hookTimeout: 60_000,
  },
});

export default defineConfig({
  test: {
    // Many tests wait for a server or a browser: one less than there are cores, as it would be, leaves cores idle.
    maxWorkers: "100%",
    projects: [
      project("codec", "packages/codec"),
      project("server", "packages/server"),
      project("jetstream-server", "packages/jetstream-server"),
      project("session", "packages/session"),
      project("io", "packages/io"),
      project("node", "packages/node"),
      project("bun", "packages/bun"),
      project("deno", "packages/deno"),
      project("websocket", "packages/websocket"),
      project("nats-js", "packages/nats-js"),
      project("cli", "packages/cli"),
      project("fuzz-kit", "packages/fuzz"),
      project("parity", "tools/parity"),
      project("adapter-suite", "tools/adapter-suite"),
      project("foreign-clients", "tools/foreign-clients"),
      project("examples", "tools/examples"),
      project("fuzz", "tools/fuzz"),
      project("sim", "tools/sim"),
      project("stress", "tools/stress"),
      project("bench", "tools/bench"),
      project("toolchains", "tools/toolchains"),
      project("pictures", "tools/pictures"),
      project("repo", "tools/repo"),
    ],
    reporters: ["default", ["json", { outputFile: ".reports/vitest.json" }]],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      // A command's tests run it as a process of its own.
      exclude: [
        "**/index.ts",
        "packages/codec/src/frames.ts",
        "packages/codec/src/decode/grammar.ts",
        "packages/cli/**",
        "packages/fuzz/**",
      ],
      reporter: ["text-summary", "json-summary"],
      thresholds: {
        "packages/codec/src/**": { lines: 100, branches: 100, functions: 100, statements: 100 },
        "packages/jetstream-server/src/**": { lines: 95, branches: 90, functions: 95, statements: 95 },
        "packages/server/src/**": { lines: 95, branches: 95, functions: 95, statements: 95 },
        "packages/session/src/**": { lines: 95, branches: 95, functions: 95, statements: 95 },
      },
    },
  },
});
