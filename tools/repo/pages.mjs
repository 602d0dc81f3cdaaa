// @ts-check
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";

const TITLE = /^# (.*)$/m;
const LINK = /\]\(([^)#\s]+)(#[^)\s]*)?\)/g;
const FENCE = /^```(\w*)\n([\s\S]*?^```)$/gm;
// Languages of files in folders that TypeDoc highlights.
const LANGUAGES = ["js", "ts", "json", "html"];

/** The groups of pages in the site's index, by path. */
const places = {
  Guides: /^docs\/[^/]*$/,
  Project: /^[A-Z]+\.md$/,
  Decisions: /^docs\/decisions\//,
  Results: /^docs\/results\//,
  Programs: /./,
};
export const groups = Object.keys(places);

/**
 * Copies the pages of the site, and adds the titles and groups that TypeDoc reads.
 *
 * The targets of links are copied too: pages, files, and folders as a page that shows their files.
 *
 * @param {string} copies the folder to write to
 * @param {string[]} first the pages to start with, from the root of the repository
 * @returns {string[]} all pages, in the order of their links; the page of a folder is its `index.md`
 */
export function copied(copies, first) {
  const pages = new Set(first);
  for (const page of pages) {
    const source = basename(page) === "index.md" ? listing(dirname(page)) : readFileSync(page, "utf8");
    const linked = source.replace(LINK, (link, to, anchor = "") => {
      if (/^\w+:/.test(to)) return link;
      const target = join(dirname(page), to);
      if (statSync(target).isDirectory()) {
        // As on GitHub, a folder's README is its page.
        const name = existsSync(join(target, "README.md")) ? "README.md" : "index.md";
        pages.add(join(target, name));
        return `](${join(to, name)}${anchor})`;
      }
      if (extname(target) === ".md") pages.add(target);
      else copyFileSync(target, placed(copies, target));
      return link;
    });
    // TypeDoc highlights a block without a language as TypeScript.
    const text = linked.replace(FENCE, (_, language, rest) => `\`\`\`${language || "text"}\n${rest}`);
    const [line = "", title = page] = TITLE.exec(text) ?? [];
    const group = Object.entries(places).find(([, place]) => place.test(page))?.[0];
    // The front page has its own title.
    const body = page === "README.md" ? text.replace(line, "") : text;
    writeFileSync(placed(copies, page), `---\ntitle: ${JSON.stringify(title)}\ngroup: ${group}\n---\n${body}`);
  }
  // Guides in the order of their links; decisions by number, which their paths begin with.
  const isDecision = (/** @type {string} */ page) => places.Decisions.test(page);
  return [...[...pages].filter((page) => !isDecision(page)), ...[...pages].filter(isDecision).sort()];
}

/** Returns the path of a file's copy, and creates its folder. @param {string} copies @param {string} path */
function placed(copies, path) {
  const place = join(copies, path);
  mkdirSync(dirname(place), { recursive: true });
  return place;
}

/** Returns a page that shows the files of a folder. @param {string} folder */
function listing(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(
    ({ name }) => !["node_modules", "dist"].includes(name) && !name.startsWith("."),
  );
  const parts = entries.map((entry) => {
    const { name } = entry;
    if (entry.isDirectory()) return `[${name}](${name})\n`;
    const text = readFileSync(join(folder, name), "utf8");
    if (extname(name) === ".md") return `[${TITLE.exec(text)?.[1] ?? name}](${name})\n`;
    const language = extname(name).slice(1).replace("mjs", "js");
    return `## ${name}\n\n\`\`\`${LANGUAGES.includes(language) ? language : "text"}\n${text}\`\`\`\n`;
  });
  return `# ${folder}\n\n${parts.join("\n")}`;
}
