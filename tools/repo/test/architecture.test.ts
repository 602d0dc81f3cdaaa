// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
const recipe = page.indexOf("## Add a verb");
const there = (path: string): boolean => existsSync(join(root, path));

describe("ARCHITECTURE.md", () => {
  it("names no file that is not there", () => {
    const missing: string[] = [];
    let named = 0;
    for (const row of page.slice(0, recipe).split("\n")) {
      // A file that is named alone is below one of the folders of the one before it.
      let folders = ["."];
      for (const [path] of row.matchAll(/[\w.-]*\/[\w./-]*\w\/?|[\w-]+(?:\.test)?\.(?:ts|mjs|json|md)\b/g)) {
        if (!/\.(ts|mjs|json|md)$/.test(path) && !row.includes(`\`${path}\``)) continue;
        named++;
        const found = folders.map((folder) => join(folder, path)).find(there);
        if (found === undefined) missing.push(`${path} in: ${row}`);
        else folders = above(found);
      }
    }
    expect(missing).toEqual([]);
    expect(named).toBeGreaterThan(120);
  });

  it("has each package in its diagram, and each tool in its table", () => {
    const [, diagram] = /```\n([\s\S]*?)```/.exec(page)!;
    for (const name of readdirSync(join(root, "packages"))) expect(diagram).toMatch(new RegExp(`^ ${name} `, "m"));
    for (const name of readdirSync(join(root, "tools"))) expect(page).toContain(`\`tools/${name}/`);
  });
});

/** The folder a path is in, and those around it; itself, where it is one. */
function above(path: string): string[] {
  const folder = dirname(path);
  return folder === "." ? [path, "."] : [path, ...above(folder)];
}

describe("docs/decisions", () => {
  const folder = join(root, "docs/decisions");
  const files = readdirSync(folder).filter((file) => file !== "README.md");
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8"));

  it("are numbered without a gap, and each is in the index by its title", () => {
    const index = readFileSync(join(folder, "README.md"), "utf8").match(/^\d+\. .*$/gm);
    const titles = texts.map((text) => /^# (\d+)\. (.*)\n/.exec(text)!);
    expect(titles.map(([, number]) => number)).toEqual(files.map((_, i) => String(i + 1)));
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, i) => i + 1));
    expect(index).toEqual(files.map((file, i) => `${i + 1}. [${titles[i]![2]}](${file})`));
  });

  it.each(files.map((file, i) => [file, texts[i]!] as const))("%s says what, why, and at which price", (_, text) => {
    const parts = [...text.matchAll(/^\*\*(?:The )?(decided|why|price)[.:]\*\*/gim)].map(([, part]) =>
      part!.toLowerCase(),
    );
    expect(parts.sort()).toEqual(["decided", "price", "why"]);
  });
});
