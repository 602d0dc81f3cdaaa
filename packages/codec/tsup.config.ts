import { preset } from "../../tools/repo/tsup.mjs";

export default preset([
  "src/index.ts",
  "src/streams.ts",
  "src/jetstream.ts",
  "src/grammar.ts",
  "src/cluster.ts",
  "src/rewrite.ts",
  "src/arbitrary.ts",
]);
