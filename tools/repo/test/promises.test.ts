// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(resolve(root, "docs/reliability.md"), "utf8");
const rows = [...page.matchAll(/^\| (V\d+) [^|]*\| [^|]*\| (.*) \|$/gm)].map(
  ([, number, shown]) => [number!, shown!] as const,
);

it("docs/reliability.md names the tests of each of the server's twelve promises", () => {
  expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 12 }, (_, i) => `V${i + 1}`));
});

it.each(rows)("%s is shown by tests that are there", (_, shown) => {
  const tests = [...shown.matchAll(/`([^`]+\.test\.ts)`: ((?:"[^"]+"(?:, )?)+)/g)];
  expect(tests.length).toBeGreaterThan(0);
  for (const [, file, titles] of tests) {
    expect(existsSync(resolve(root, file!)), file).toBe(true);
    const code = readFileSync(resolve(root, file!), "utf8");
    for (const [, title] of titles!.matchAll(/"([^"]+)"/g)) expect(code).toContain(title);
  }
});
