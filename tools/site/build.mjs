// @ts-check
// SPDX-License-Identifier: Apache-2.0
// npm run site: writes the guides and the API of the packages as a web site to site/.
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, serve } from "vitepress";
import { writeApi } from "./api.mjs";
import { INDEX, writePages } from "./pages.mjs";

// The folder of the pages, which .vitepress/config.mjs names too.
const PAGES = ".cache/site";

rmSync(PAGES, { recursive: true, force: true });
writePages(PAGES, INDEX);
await writeApi(join(PAGES, "api"));
writeFileSync(join(PAGES, "index.md"), landingPage());
cpSync("docs/pictures", join(PAGES, "public/pictures"), { recursive: true });
await build("tools/site");
if (process.argv.includes("--serve")) await serve({ root: "tools/site" });
else console.log("site/index.html; npm run site -- --serve shows it");

/** Returns the start page, with the quick start of the repository's front page. */
function landingPage() {
  const [start] = /^```js\n[\s\S]*?^```$/m.exec(readFileSync("README.md", "utf8")) ?? [];
  if (start === undefined) throw new Error("README.md: there is no block of js to show on the start page");
  return readFileSync("tools/site/index.md", "utf8").replace("<!-- quick start -->", () => start);
}
