// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const page = readFileSync(path("../../../docs/cli.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "natswire-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

// The files of the page have their name in the line above. The examples that need no other process are run.
for (const [, name, text] of page.matchAll(/^`(\S+)`:\n\n```\n([\s\S]*?)```$/gm))
  writeFileSync(join(folder, name!), text!);
const examples = [...page.matchAll(/```console\n\$ (.*natswire (?:decode|play)\b.*)\n([\s\S]*?)```/g)].map(
  ([, command, printed]) => [command!, printed!] as const,
);

describe("docs/cli.md", () => {
  it("has examples that can be run", () => {
    expect(examples.length).toBeGreaterThan(5);
  });

  it.each(examples)("prints what the page shows: %s", (command, printed) => {
    const script = `natswire() { "${process.execPath}" "${path("../dist/main.js")}" "$@"; }; exec 2>&1; ${command}; exit 0`;
    expect(execFileSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" })).toBe(printed);
  });
});
