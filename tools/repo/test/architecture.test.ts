// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
const recipe = page.indexOf("## Add a verb");
const exists = (path: string): boolean => existsSync(join(root, path));

describe("ARCHITECTURE.md", () => {
  it("names only files and folders that exist", () => {
    const missing: string[] = [];
    let named = 0;
    for (const row of page.slice(0, recipe).split("\n")) {
      // A file without a folder is in one of the folders of the path before it.
      let folders = ["."];
      for (const [path] of row.matchAll(/[\w.-]*\/[\w./-]*\w\/?|[\w-]+(?:\.test)?\.(?:ts|mjs|json|md)\b/g)) {
        if (!/\.(ts|mjs|json|md)$/.test(path) && !row.includes(`\`${path}\``)) continue;
        named++;
        const found = folders.map((folder) => join(folder, path)).find(exists);
        if (found === undefined) missing.push(`${path} in: ${row}`);
        else folders = above(found);
      }
    }
    expect(missing).toEqual([]);
    expect(named).toBeGreaterThan(50);
  });

  it("lists each package in its diagram and each tool in its table", () => {
    const [, diagram] = /```\n([\s\S]*?)```/.exec(page)!;
    for (const name of readdirSync(join(root, "packages"))) expect(diagram).toMatch(new RegExp(`^ ${name} `, "m"));
    for (const name of readdirSync(join(root, "tools"))) expect(page).toContain(`\`tools/${name}/`);
  });
});

/** Returns the folders around a path, the innermost first; the path itself if it is a folder at the root. */
function above(path: string): string[] {
  const folder = dirname(path);
  return folder === "." ? [path, "."] : [path, ...above(folder)];
}

describe("docs/decisions", () => {
  const folder = join(root, "docs/decisions");
  const files = readdirSync(folder).filter((file) => file !== "README.md");
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8"));

  it("have numbers without gaps, and each title is in the index", () => {
    const index = readFileSync(join(folder, "README.md"), "utf8").match(/^\d+\. .*$/gm);
    const titles = texts.map((text) => /^# (\d+)\. (.*)\n/.exec(text)!);
    expect(titles.map(([, number]) => number)).toEqual(files.map((_, i) => String(i + 1)));
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, i) => i + 1));
    expect(index).toEqual(files.map((file, i) => `${i + 1}. [${titles[i]![2]}](${file})`));
  });

  it.each(files.map((file, i) => [file, texts[i]!] as const))(
    "contain Context, Decision and Consequences in order: %s",
    (_, text) => {
      const parts = [...text.matchAll(/^\*\*(Context|Decision|Consequences|Rejected)\.\*\*/gm)].map(
        ([, part]) => part!,
      );
      expect(parts.slice(0, 3)).toEqual(["Context", "Decision", "Consequences"]);
      expect(parts.slice(3)).toEqual(parts.includes("Rejected") ? ["Rejected"] : []);
    },
  );
});
