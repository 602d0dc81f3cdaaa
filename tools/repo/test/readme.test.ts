// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const snippets = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```js\n([\s\S]*?)```/g)].map(
  ([, code]) => code!,
);

// What each prints, in the order of the README.
const printed = [
  'foo.bar 90 hello\nanswer with "PONG\\r\\n"\nUNKNOWN_VERB at byte 31\n',
  "1000 streams, no divergence\n",
  /^nats:\/\/127\.0\.0\.1:\d+\n$/,
];
let folder = "";

// A project that has the packages installed: as built, not as source.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "natswire-readme-"));
  mkdirSync(join(folder, "node_modules/@natswire"), { recursive: true });
  for (const name of ["codec", "node"])
    symlinkSync(join(root, "packages", name), join(folder, "node_modules/@natswire", name));
  symlinkSync(join(root, "node_modules/fast-check"), join(folder, "node_modules/fast-check"));
});

afterAll(() => rmSync(folder, { recursive: true }));

it("the README has a snippet for each thing people do", () => {
  expect(snippets.length).toBe(printed.length);
});

it.each(snippets.map((code, i) => [/import .* from "(.*)"/.exec(code)?.[1], i, code] as const))(
  "the snippet that begins with %s (%i) runs as printed",
  (_, i, code) => {
    writeFileSync(join(folder, "snippet.mjs"), code);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["snippet.mjs"], { cwd: folder, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const wanted = printed[i]!;
    if (typeof wanted === "string") expect(stdout).toBe(wanted);
    else expect(stdout).toMatch(wanted);
  },
);
