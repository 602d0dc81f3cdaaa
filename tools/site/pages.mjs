// @ts-check
// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { changeLinks, TITLE } from "../repo/markdown.mjs";

/** The guides in the order of the sidebar. */
export const INDEX = "docs/README.md";
const IMAGES = [".svg", ".png"];
/** Files and folders that the page of a folder does not show. */
const SKIPPED = /^(\.|node_modules|dist|test$|package\.json|tsconfig)/;
const LANGUAGES = ["js", "ts", "json", "html"];

/**
 * Copies a page and everything it links to: pages, images, and files and folders as pages that show their code.
 *
 * @param {string} out the folder to write to
 * @param {string} first the page to start with, from the root of the repository
 */
export function writePages(out, first) {
  const sources = new Set([first]);
  for (const source of sources) {
    if (IMAGES.includes(extname(source))) {
      copyFileSync(source, placed(out, source));
      continue;
    }
    const folder = statSync(source).isDirectory() ? source : dirname(source);
    const text = changeLinks(textOf(source), (to, heading) => {
      if (to === "" || /^\w+:/.test(to)) return to + heading;
      const target = join(folder, to);
      // The front page of the repository is that of the site.
      if (target === "README.md") return "/";
      sources.add(target);
      return `/${pathOf(target)}${heading}`;
    });
    writeFileSync(placed(out, pathOf(source)), text);
  }
}

/** Returns the path of a page in the site. @param {string} source a file or folder of the repository */
export function pathOf(source) {
  if (IMAGES.includes(extname(source))) return source;
  if (statSync(source).isDirectory()) return join(source, "index.md");
  if (basename(source) === "README.md") return join(dirname(source), "index.md");
  return extname(source) === ".md" ? source : `${source}.md`;
}

/**
 * Returns the lists of links of a page, with the headings above them; that of the title is the first.
 *
 * @param {string} source
 */
export function listsOf(source) {
  return readFileSync(source, "utf8")
    .split(/^##? /m)
    .map((part) => ({
      text: part.slice(0, part.indexOf("\n")),
      items: [...part.matchAll(/^(?:- |\d+\. )\[([^\]]*)\]\(([^)]*)\)/gm)].map(([, text = "", to = ""]) => ({
        text: text.replaceAll("`", ""),
        link: `/${pathOf(join(dirname(source), to)).replace(/(index)?\.md$/, "")}`,
      })),
    }))
    .filter(({ items }) => items.length > 0);
}

/** Returns a page as markdown: of a folder its README or its files, of any other file its code. @param {string} source */
function textOf(source) {
  if (!statSync(source).isDirectory())
    return extname(source) === ".md" ? readFileSync(source, "utf8") : `# ${source}\n\n${codeOf(source)}`;
  const readme = join(source, "README.md");
  if (existsSync(readme)) return readFileSync(readme, "utf8");
  const parts = readdirSync(source)
    .filter((name) => !SKIPPED.test(name))
    .map((name) => {
      const file = join(source, name);
      if (statSync(file).isDirectory()) return `[${name}](${name})\n`;
      if (extname(name) === ".md") return `[${TITLE.exec(readFileSync(file, "utf8"))?.[1] ?? name}](${name})\n`;
      return `## ${name}\n\n${codeOf(file)}`;
    });
  return `# ${source}\n\n${parts.join("\n")}`;
}

/** @param {string} file */
function codeOf(file) {
  const language = extname(file).slice(1).replace("mjs", "js");
  return `\`\`\`\`${LANGUAGES.includes(language) ? language : "text"}\n${readFileSync(file, "utf8").trimEnd()}\n\`\`\`\`\n`;
}

/** Returns the path of a file, and creates its folder. @param {string} out @param {string} path */
function placed(out, path) {
  const place = join(out, path);
  mkdirSync(dirname(place), { recursive: true });
  return place;
}
