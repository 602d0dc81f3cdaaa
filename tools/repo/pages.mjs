// @ts-check
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";

const TITLE = /^# (.*)$/m;
const LINK = /\]\(([^)#\s]+)(#[^)\s]*)?\)/g;
const FENCE = /^```(\w*)\n([\s\S]*?^```)$/gm;
// Of what there is in folders; TypeDoc colours no others.
const LANGUAGES = ["js", "ts", "json", "html"];

/** The groups of pages in the site's index: what the paths of theirs begin with. */
const places = {
  Guides: /^docs\/[^/]*$/,
  Project: /^[A-Z]+\.md$/,
  Decisions: /^docs\/decisions\//,
  Results: /^docs\/results\//,
  Programs: /./,
};
export const groups = Object.keys(places);

/**
 * Copies of what the site shows, with the titles and groups that TypeDoc reads in a file, and GitHub would print.
 *
 * What a page leads to comes with it: other pages, files, and folders as a page that shows what is in them.
 *
 * @param {string} copies the folder they are written to
 * @param {string[]} first pages, from the root of the repository
 * @returns {string[]} all pages, in the order in which they are met; a folder's is its `index.md`
 */
export function copied(copies, first) {
  const pages = new Set(first);
  for (const page of pages) {
    const source = basename(page) === "index.md" ? listing(dirname(page)) : readFileSync(page, "utf8");
    const linked = source.replace(LINK, (link, to, anchor = "") => {
      if (/^\w+:/.test(to)) return link;
      const target = join(dirname(page), to);
      if (statSync(target).isDirectory()) {
        // As on GitHub: what introduces a folder stands for it.
        const name = existsSync(join(target, "README.md")) ? "README.md" : "index.md";
        pages.add(join(target, name));
        return `](${join(to, name)}${anchor})`;
      }
      if (extname(target) === ".md") pages.add(target);
      else copyFileSync(target, placed(copies, target));
      return link;
    });
    // Without a language TypeDoc takes it for TypeScript.
    const text = linked.replace(FENCE, (_, language, rest) => `\`\`\`${language || "text"}\n${rest}`);
    const [line = "", title = page] = TITLE.exec(text) ?? [];
    const group = Object.entries(places).find(([, place]) => place.test(page))?.[0];
    // The front page has a title of its own.
    const body = page === "README.md" ? text.replace(line, "") : text;
    writeFileSync(placed(copies, page), `---\ntitle: ${JSON.stringify(title)}\ngroup: ${group}\n---\n${body}`);
  }
  // Guides as they are met; decisions by number, which their paths begin with.
  const isDecision = (/** @type {string} */ page) => places.Decisions.test(page);
  return [...[...pages].filter((page) => !isDecision(page)), ...[...pages].filter(isDecision).sort()];
}

/** Where the copy of a file is. @param {string} copies @param {string} path */
function placed(copies, path) {
  const place = join(copies, path);
  mkdirSync(dirname(place), { recursive: true });
  return place;
}

/** A page that shows what is in a folder. @param {string} folder */
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
