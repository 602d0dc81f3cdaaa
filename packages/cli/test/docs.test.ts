// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const page = readFileSync(path("../../../docs/cli.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "natswire-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

// Files of the page are those whose name stands above them; of its examples those are run that need nobody else.
for (const [, name, text] of page.matchAll(/^`(\S+)`:\n\n```\n([\s\S]*?)```$/gm))
  writeFileSync(join(folder, name!), text!);
const examples = [...page.matchAll(/```console\n\$ (.*natswire (?:decode|play) .*)\n([\s\S]*?)```/g)].map(
  ([, command, printed]) => [command!, printed!] as const,
);

it("docs/cli.md has examples that can be run", () => {
  expect(examples.length).toBeGreaterThan(3);
});

it.each(examples)("docs/cli.md: %s", (command, printed) => {
  const script = `natswire() { "${process.execPath}" "${path("../dist/main.js")}" "$@"; }; exec 2>&1; ${command}; exit 0`;
  expect(execFileSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" })).toBe(printed);
});
