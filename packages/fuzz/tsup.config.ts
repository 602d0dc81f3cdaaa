import { preset } from "../../tools/repo/tsup.mjs";

export default preset(["src/index.ts", "src/main.ts", "src/parser-worker.ts"], "node", ["esm"]);
