// @ts-check
// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vitepress";
import { slug } from "../../repo/markdown.mjs";
import { repository } from "../../repo/packages.mjs";
import { INDEX, listsOf } from "../pages.mjs";

// Paths are relative to the root of the repository, which commands run in.
const PAGES = resolve(".cache/site");
const { SITE_BASE = "/" } = process.env;

/** HTML that a page may contain. Anything else in angle brackets is text. */
const HTML = /^\s*<(!--|\/?(a|br|details|img|kbd|p|picture|source|sub|summary|sup)\b)/i;

/** A cell of a table with more characters is prose. */
const PROSE = 50;
/** A phone shows this number of characters in a row, and a column of prose needs this number. */
const PHONE = 44;
const PROSE_COLUMN = 24;
/** Titles of columns that need no mention. */
const OBVIOUS = ["", "meaning", "Description"];

/**
 * @typedef {object} Entry a part of the API in typedoc's navigation
 * @property {string} title
 * @property {string} [path]
 * @property {Entry[]} [children]
 */
/** @type {Entry[]} */
const api = JSON.parse(readFileSync(resolve(PAGES, "api/navigation.json"), "utf8"));

export default defineConfig({
  title: "natswire",
  description: "NATS for TypeScript: a codec, an embedded server for tests, and a client.",
  lang: "en",
  base: SITE_BASE,
  srcDir: PAGES,
  outDir: resolve("site"),
  cacheDir: resolve(".cache/vitepress"),
  cleanUrls: true,
  // The index of the search is larger than Vite advises.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  head: [
    [
      "link",
      { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(readFileSync("tools/site/icon.svg", "utf8"))}` },
    ],
  ],
  markdown: {
    anchor: { slugify: slug },
    // Braces in prose are text.
    attrs: { disable: true },
    // No highlighter knows the configuration of nats-server; ini has its comments and its strings.
    languageAlias: { conf: "ini" },
    config(md) {
      const { escapeHtml } = md.utils;
      const text = (/** @type {string} */ content) => escapeHtml(content).replaceAll("{{", "&#123;&#123;");
      md.renderer.rules.text = (tokens, i) => text(tokens[i]?.content ?? "");
      md.renderer.rules.code_inline = (tokens, i) => `<code v-pre>${escapeHtml(tokens[i]?.content ?? "")}</code>`;
      for (const rule of ["html_inline", "html_block"]) {
        md.renderer.rules[rule] = (tokens, i) => {
          const { content = "" } = tokens[i] ?? {};
          return HTML.test(content) ? content : text(content);
        };
      }
      // VitePress drops the attributes of a table. One that scrolls must be reachable by keyboard.
      md.renderer.rules.table_open = (tokens, i, options, _env, self) => {
        tokens[i]?.attrSet("tabindex", "0");
        return self.renderToken(tokens, i, options);
      };
      md.core.ruler.push("tables", ({ tokens }) => {
        for (const [i, token] of tokens.entries()) {
          if (token.type !== "table_open") continue;
          const end = tokens.findIndex(({ type }, at) => at > i && type === "table_close");
          prepareTable(token, tokens.slice(i, end));
        }
      });
    },
  },
  transformPageData({ relativePath, frontmatter }) {
    // Only the guides are read in order.
    const isGuide = /^(docs\/[^/]*|docs\/decisions\/.*|[A-Z]+\.md)$/.test(relativePath);
    return {
      frontmatter: {
        pageClass: relativePath.split("/")[0],
        ...(isGuide ? {} : { prev: false, next: false }),
        ...frontmatter,
      },
    };
  },
  themeConfig: {
    nav: [
      { text: "Guides", link: "/docs/getting-started", activeMatch: "^/docs/" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
    ],
    sidebar: { "/": [...guides(), { text: "API", items: api.map(linkOf) }], ...apiSidebars() },
    outline: [2, 3],
    socialLinks: [{ icon: "github", link: repository() }],
    footer: { message: `<a href="${SITE_BASE}LICENSE">Apache-2.0</a>. Not affiliated with NATS or the CNCF.` },
    search: {
      provider: "local",
      options: {
        detailedView: false,
        miniSearch: {
          options: {
            // NO_RESPONDERS and nats.js are one word, and two: "nats.js" and "natsjs" find the same.
            tokenize: (/** @type {string} */ text) =>
              text.split(/[^\p{L}\p{N}_$.]+/u).flatMap((word) => {
                const parts = word.split(/[_.]/).filter((part) => part !== "");
                return parts.length > 1 ? [parts.join(""), ...parts] : parts;
              }),
          },
          searchOptions: {
            fuzzy: 0.2,
            prefix: true,
            boost: { title: 4, text: 2, titles: 1 },
            // A guide comes before the API and the decisions. Guides that have every word come after the one about it.
            boostDocument: (/** @type {string} */ id) => {
              if (/\/docs\/(migrating|differences|codec|fuzzing|performance)(#|$)/.test(id)) return 2;
              if (/\/docs\/(jetstream|testing|server)(#|$)/.test(id)) return 3;
              if (/\/docs\/[\w-]+(#|$)/.test(id)) return 4;
              return id.includes("/api/") ? 0.5 : 1;
            },
          },
        },
        // Figures and programs are found through the guides.
        _render: (text, env, md) =>
          /^(docs\/results|tools|packages)\//.test(env.relativePath) ? "" : md.render(text, env),
      },
    },
  },
});

/** @typedef {ReturnType<import("vitepress").MarkdownRenderer["parse"]>} Tokens */

/**
 * Marks the cells of prose, which are not squeezed. A table that is too wide for a phone becomes a list of records there:
 * each cell on a line of its own, after the title of its column. A table of figures, which are aligned, stays a table, and scrolls.
 *
 * @param {Tokens[number]} table
 * @param {Tokens} tokens those of the table
 */
function prepareTable(table, tokens) {
  const titles = [];
  /** The width of each column on a phone, in characters. @type {number[]} */
  const widths = [];
  let aligned = 0;
  let column = 0;
  for (const [i, token] of tokens.entries()) {
    if (token.type === "tr_open") column = 0;
    if (token.type !== "th_open" && token.type !== "td_open") continue;
    const text = (tokens[i + 1]?.children ?? []).map(({ content }) => content).join("");
    if (token.type === "th_open") {
      titles.push(text);
      if (/right|center/.test(token.attrGet("style") ?? "")) aligned++;
    } else if (text === "" || text === "-") token.attrJoin("class", "blank");
    else if (column > 0 && !OBVIOUS.includes(titles[column] ?? "")) token.attrSet("data-title", titles[column] ?? "");
    if (text.length > PROSE) token.attrJoin("class", "prose");
    if (/^\S+$/.test(text)) token.attrJoin("class", "name");
    widths[column] = Math.max(widths[column] ?? 0, text.length > PROSE ? PROSE_COLUMN : text.length);
    column++;
  }
  const width = widths.reduce((sum, one) => sum + one + 3, 0);
  // The titles of two columns stand above the records, once.
  if (width > PHONE && aligned < 2) table.attrJoin("class", titles.length === 2 ? "records pairs" : "records");
}

/** Returns the sections of the index of guides; the decisions are a list of their own. */
function guides() {
  const decisions = listsOf("docs/decisions/README.md").flatMap(({ items }) => items);
  return listsOf(INDEX).map(({ text, items }) => ({
    text,
    items: items.map((item) =>
      item.link === "/docs/decisions/" ? { ...item, collapsed: true, items: decisions } : item,
    ),
  }));
}

/** Returns a sidebar for each module: the names of its exports, and links to the other modules. */
function apiSidebars() {
  return Object.fromEntries(
    api.map((module) => {
      const items = api.map((one) => {
        if (one !== module) return linkOf(one);
        const groups = one.children?.filter(({ title }) => title !== "References") ?? [];
        return {
          ...linkOf(one),
          items: groups.map(({ title, children = [] }) => ({ text: title, items: children.map(linkOf) })),
        };
      });
      return [linkOf(module).link, [{ text: "API", link: "/api/", items }]];
    }),
  );
}

/** @param {Entry} entry */
function linkOf({ title, path = "" }) {
  // A long name breaks between its words.
  return { text: title.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "<wbr>"), link: `/api/${path.replace(/(index)?\.md$/, "")}` };
}
