// @ts-check
// npm run play: runs a scratch file on the packages' source, without a build. The first run creates the file.
//
//   npm run play                 tools/examples/play.ts
//   npm run play -- FILE         another file
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync } from "node:fs";
import { bundle } from "../launch/bundle.mjs";

const SCRATCH = "tools/examples/play.ts";
const OUT = "node_modules/.cache/play.mjs";
const [file = SCRATCH, ...args] = process.argv.slice(2);

if (file === SCRATCH && !existsSync(SCRATCH)) {
  copyFileSync("tools/examples/play.template.ts", SCRATCH);
  console.error(`created ${SCRATCH}: edit it and run npm run play again`);
}
await bundle(file, OUT).catch(() => process.exit(1));
process.exitCode =
  spawnSync(process.execPath, ["--enable-source-maps", OUT, ...args], { stdio: "inherit" }).status ?? 1;
