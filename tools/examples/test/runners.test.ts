// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readGuide, unquoted } from "./guide.ts";

const jest = join(dirname(createRequire(import.meta.url).resolve("jest/package.json")), "bin/jest.js");
const vitest = join(import.meta.dirname, "../../../node_modules/vitest/vitest.mjs");

// They run on the built packages, as a reader's tests do.
describe.each([
  { page: "testing.md", folder: "testing", code: "orders.js", test: "orders.test.ts" },
  { page: "testing-jetstream.md", folder: "testing-jetstream", code: "shipping.js", test: "shipping.test.js" },
])("docs/$page", ({ page, folder, code, test }) => {
  const cwd = join(import.meta.dirname, "..", folder);
  const guide = readGuide(page);
  const name = code.replace(".js", "");

  // A reader's project with Jest, which finds tests by their names.
  const project = mkdtempSync(join(realpathSync(tmpdir()), "natswire-jest-"));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }\n');
  symlinkSync(join(cwd, "../node_modules"), join(project, "node_modules"));
  for (const file of ["jest.config.js", code]) copyFileSync(join(cwd, file), join(project, file));
  copyFileSync(join(cwd, `${name}.jest.js`), join(project, `${name}.test.js`));
  afterAll(() => rmSync(project, { recursive: true }));

  it("quotes only code that the tests run", () => {
    const files = readdirSync(cwd).map((file) => join(cwd, file));
    expect(unquoted(guide, files)).toEqual([]);
  });

  it.each([
    ["vitest", cwd, [vitest, "run", test]],
    ["node:test", cwd, ["--test", `${name}.node.js`]],
    ["Jest", project, ["--experimental-vm-modules", jest]],
  ])("passes the first test under %s, and prints its lines", (runner, at, args) => {
    const { status, printed } = run(at, args);
    const [, lines = ""] =
      new RegExp(`^With ${runner}\\b[\\s\\S]*?\`\`\`text\\n([^\`]*)\`\`\``, "m").exec(guide.text) ?? [];
    const wanted = lines.trimEnd().split("\n").map(withoutTime);
    expect(printed.split("\n").map(withoutTime)).toEqual(expect.arrayContaining(wanted));
    expect(status).toBe(0);
  });
});

it("passes the other tests of docs/testing-jetstream.md", () => {
  const { status, printed } = run(join(import.meta.dirname, "../testing-jetstream"), [vitest, "run", "fixtures"]);
  expect(printed).toContain("3 passed");
  expect(status).toBe(0);
});

function run(cwd: string, args: readonly string[]): { readonly status: number | null; readonly printed: string } {
  const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", FORCE_COLOR: "0", VITEST: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8", env });
  return { status, printed: `${stdout}${stderr}` };
}

function withoutTime(line: string): string {
  return line.replace(/[\d.]+ ?ms/, "ms").trim();
}
