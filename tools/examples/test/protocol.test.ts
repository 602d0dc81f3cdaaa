// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "docs/protocol.md"), "utf8");

it("plays the first session of docs/protocol.md, and prints its output", () => {
  const [, name = "", session = ""] = /`(\S+)`:\n\n```\n([\s\S]*?)```/.exec(page)!;
  const [, shown = ""] = /\$ natswire play hello\.txt --serve\n([\s\S]*?)```/.exec(page)!;
  const folder = mkdtempSync(join(tmpdir(), "natswire-protocol-"));
  writeFileSync(join(folder, name), session);
  const args = [join(root, "packages/cli/dist/main.js"), "play", name, "--serve"];
  expect(execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" })).toBe(shown);
  rmSync(folder, { recursive: true });
});
