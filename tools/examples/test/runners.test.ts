// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const cwd = join(import.meta.dirname, "../testing");
const jest = join(dirname(createRequire(import.meta.url).resolve("jest/package.json")), "bin/jest.js");

// These runners use the built packages; vitest alone runs on the source.
it.each([
  ["node:test", ["--test", "orders.node.js"], /^# pass 1$/m],
  ["jest", ["--experimental-vm-modules", jest], /^Tests: +1 passed, 1 total$/m],
])("passes the guide's first test under %s, which then exits", (_, args, passed) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", FORCE_COLOR: "0" },
  });
  expect(stdout + stderr).toMatch(passed);
  expect(status).toBe(0);
});
