// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { changeLinks, headings, slug } from "../markdown.mjs";

const root = resolve(import.meta.dirname, "../../..");
const page = (name: string): string => readFileSync(join(root, name), "utf8");
const pages = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((name) => name !== "" && existsSync(join(root, name)));
// The start page of the site links to pages of the site.
const START = "tools/site/index.md";

/** Returns the links of a page that lead nowhere. */
function broken(name: string, text: string): string[] {
  const found: string[] = [];
  changeLinks(text, (to, heading) => {
    const file = to === "" ? name : join(dirname(name), to);
    const leads = (): boolean => heading === "" || headings(to === "" ? text : page(file)).includes(heading.slice(1));
    if (!/^\w+:/.test(to) && !(existsSync(join(root, file)) && leads())) found.push(to + heading);
    return to + heading;
  });
  return found;
}

describe("links between pages", () => {
  it.each(pages.filter((name) => name !== START))("lead to existing files and headings: %s", (name) => {
    expect(broken(name, page(name))).toEqual([]);
  });

  it("lead to existing guides from the start page of the site", () => {
    const guides = [...page(START).matchAll(/link: \/(docs\/\S*)/g)].map(([, path]) => path!);
    expect(guides.length).toBeGreaterThan(5);
    const file = (path: string): string => (path.endsWith("/") ? `${path}README.md` : `${path}.md`);
    expect(guides.filter((path) => !existsSync(join(root, file(path))))).toEqual([]);
  });

  it("are found, except in code", () => {
    const text =
      "[a](nofile.md) ![b [c]](docs/README.md#d) `[e](f)` [g](#h)\n\n```js\n[i](j)\n```\n## H\n[k](https://l.m)";
    expect(broken("README.md", text)).toEqual(["nofile.md", "docs/README.md#d"]);
  });
});

it.each([
  ["Drain and close", "drain-and-close"],
  ["`connect()`, and TLS", "connect-and-tls"],
  ["What's new – é", "whats-new--é"],
])("ids of headings are GitHub's: %s", (heading, id) => {
  expect(slug(heading)).toBe(id);
});
