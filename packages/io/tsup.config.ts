import { preset } from "../../tools/repo/tsup.mjs";

export default preset([
  "src/index.ts",
  "src/adapter.ts",
  "src/adapter-server.ts",
  "src/exports-client.ts",
  "src/exports-server.ts",
]);
