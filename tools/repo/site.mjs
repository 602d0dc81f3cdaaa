// @ts-check
// npm run site: writes the guides and the API of all packages as static pages to site/.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Application, Converter, ReflectionKind } from "typedoc";
import { packages } from "./packages.mjs";
import { copied, groups } from "./pages.mjs";

const COPIES = ".cache/site";
const OUT = "site";
const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;

rmSync(COPIES, { recursive: true, force: true });
const pages = copied(COPIES, ["docs/README.md", "README.md"]);

const app = await Application.bootstrap({
  name: "natswire",
  readme: join(COPIES, "README.md"),
  projectDocuments: pages.filter((page) => page !== "README.md").map((page) => join(COPIES, page)),
  entryPoints: modules().map(({ source }) => source),
  tsconfig: "tsconfig.json",
  out: OUT,
  sort: ["documents-first", "source-order"],
  sortEntryPoints: false,
  navigation: { includeGroups: true },
  // Set in the workflow that publishes the site.
  navigationLinks: GITHUB_REPOSITORY ? { GitHub: `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}` } : {},
  favicon: "tools/repo/icon.svg",
  customCss: "tools/repo/site.css",
  customJs: "tools/repo/site.js",
  groupOrder: [...groups, "*"],
  highlightLanguages: ["bash", "console", "diff", "html", "javascript", "json", "typescript"],
  disableSources: true,
  hideGenerator: true,
});
// A module has the name that users import.
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  const names = modules().map(({ name }) => name);
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) module.name = names.shift() ?? module.name;
});
const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  await app.generateOutputs(project);
  console.log(`${OUT}/index.html`);
}
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;

/** Returns every importable path and its source; lower packages first, so that a name is described in its own package. */
function modules() {
  const order = Object.keys(JSON.parse(readFileSync("tools/repo/allowed.json", "utf8")).arrows);
  return packages()
    .sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name))
    .flatMap(({ name, folder, manifest }) =>
      Object.entries(manifest.exports).flatMap(([path, conditions]) => {
        const source = typeof conditions === "object" ? conditions["@natswire/source"] : undefined;
        return source === undefined ? [] : [{ name: join(name, path), source: join(folder, source) }];
      }),
    );
}
