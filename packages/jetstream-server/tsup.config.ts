import { preset } from "../../tools/repo/tsup.mjs";

export default preset(["src/index.ts"]);
