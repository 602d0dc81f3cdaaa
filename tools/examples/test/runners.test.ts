// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { readGuide, unquoted } from "./guide.ts";

const cwd = join(import.meta.dirname, "../testing");
const jest = join(dirname(createRequire(import.meta.url).resolve("jest/package.json")), "bin/jest.js");
const vitest = join(import.meta.dirname, "../../../node_modules/vitest/vitest.mjs");
const guide = readGuide("testing.md");

it("quotes only code that the tests run in docs/testing.md", () => {
  const files = readdirSync(cwd).map((file) => join(cwd, file));
  expect(unquoted(guide, files)).toEqual([]);
});

// They run on the built packages, as a reader's tests do.
it.each([
  ["vitest", [vitest, "run", "orders.test.ts"]],
  ["node:test", ["--test", "orders.node.js"]],
  ["Jest", ["--experimental-vm-modules", jest]],
])("passes the guide's first test under %s, and prints its lines", (name, args) => {
  const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", FORCE_COLOR: "0", VITEST: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8", env });
  const [, lines = ""] = new RegExp(`^With ${name}\\b[\\s\\S]*?\`\`\`text\\n([^\`]*)\`\`\``, "m").exec(guide.text)!;
  const printed = `${stdout}${stderr}`.split("\n").map(withoutTime);
  expect(printed).toEqual(expect.arrayContaining(lines.trimEnd().split("\n").map(withoutTime)));
  expect(status).toBe(0);
});

function withoutTime(line: string): string {
  return line.replace(/[\d.]+ ?ms/, "ms").trim();
}
