// @ts-check
// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { DeclarationReflection, ReferenceReflection, ReflectionKind } from "typedoc";

/** @typedef {import("typedoc-plugin-markdown").MarkdownPageEvent} Page */

const RELATIONS = /^## (Extends|Implements)\n\n((?:- .*\n)+)\n?/gm;
// What an interface above already describes, and headings that say nothing.
const NOISE = /^#+ (Get Signature\n\n|(Extended by|Implementation of|Overrides)\n\n(?:(?:- .*\n)+\n?|[[`].*\n\n?)?)/gm;
const UNION_MEMBER = /^### Type Literal(?=\n\n```ts\n\{\n\s*\w+: "([^"]+)";)/gm;

/** Rearranges a page of the plugin for readers who look something up. @param {Page} page */
export function rearrange(page) {
  let text = page.contents.replace(NOISE, "").replace(UNION_MEMBER, (_, name) => `### ${name}`);
  text = text.replace(/^```ts\n([\s\S]*?)^```$/gm, (_, code) => `\`\`\`ts\n${indented(code)}\`\`\``);
  // The headings separate the members, so the rules between them go.
  text = text.replace(/^\*\*\*\n\n/gm, "");
  const sections = text.split(/^(?=## )/m);
  const examples = sections.filter((section) => section.startsWith("## Example"));
  text = [...sections.splice(0, 1), ...examples, ...sections.filter((one) => !examples.includes(one))].join("");
  return page.model instanceof DeclarationReflection
    ? introduced(page.model, page.url, withReExports(page.model, text))
    : text;
}

/** Indents code by its brackets. @param {string} code */
function indented(code) {
  /** The indentation of the lines that opened the brackets around a line. @type {number[]} */
  const opened = [];
  const lines = code.split("\n").map((line) => {
    const text = line.trim();
    const closing = /^[\])}]*/.exec(text)?.[0].length ?? 0;
    const around = opened.at(-Math.max(closing, 1)) ?? -1;
    const indentation = (closing > 0 ? Math.max(around, 0) : around + 1) + (text.startsWith("|") ? 1 : 0);
    for (const [bracket] of text.matchAll(/[[({\])}]/g)) {
      if ("[({".includes(bracket)) opened.push(indentation);
      else opened.pop();
    }
    return text === "" ? "" : "  ".repeat(indentation) + text;
  });
  return lines.join("\n");
}

/** Makes a table of the names that a module exports again. @param {DeclarationReflection} module @param {string} text */
function withReExports(module, text) {
  const at = text.indexOf("## References\n");
  if (at === -1) return text;
  const rows = [...text.slice(at).matchAll(/^Re-exports \[(.*)\]\((.*)\)$/gm)].map(([, name = "", to]) => {
    const child = module.children?.find((one) => one.name === name.replaceAll("\\", ""));
    const target = child instanceof ReferenceReflection ? child.getTargetReflectionDeep() : undefined;
    return `| [${name}](${to}) | ${target instanceof DeclarationReflection ? summaryOf(target) : ""} |`;
  });
  return `${text.slice(0, at)}## Re-exports\n\n| Name | Description |\n| :-- | :-- |\n${rows.join("\n")}\n`;
}

/** Returns the first paragraph of a docstring, for a cell of a table. @param {DeclarationReflection} reflection */
function summaryOf({ comment, signatures = [] }) {
  const parts = (comment ?? signatures[0]?.comment)?.summary ?? [];
  const [summary = ""] = parts
    .map(({ text }) => text)
    .join("")
    .split("\n\n");
  return summary.replaceAll("\n", " ").replaceAll("|", "\\|");
}

/** Says below the title what the page describes, which package exports it, and what it extends. @param {DeclarationReflection} model @param {string} url @param {string} text */
function introduced(model, url, text) {
  if (model.kind === ReflectionKind.Module) return text;
  /** @type {string[]} */
  const relations = [];
  const rest = text.replace(RELATIONS, (_, relation, list) => {
    const types = list
      .trim()
      .split("\n")
      .map((/** @type {string} */ item) => item.slice(2));
    relations.push(`, ${relation.toLowerCase()} ${types.join(", ")}`);
    return "";
  });
  const kind = ReflectionKind.singularString(model.kind).replace("Alias", "alias");
  const module = join(url.split("/").length > 2 ? ".." : ".", "index.md");
  return rest.replace("\n", `\n\n${kind} of [\`${model.parent?.name}\`](${module})${relations.join("")}\n`);
}
