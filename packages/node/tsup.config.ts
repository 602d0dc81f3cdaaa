import { preset } from "../../tools/repo/tsup.mjs";

export default preset(["src/index.ts", "src/websocket.ts", "src/browser.ts"], "node");
