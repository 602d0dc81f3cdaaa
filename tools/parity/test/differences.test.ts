// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { differences, versionDifferences } from "../differences.ts";
import { themes } from "../scripts/index.ts";
import { transcriptFor } from "../src/difference.ts";
import { differencesPage } from "../src/table.ts";

const names = themes.flatMap(({ about, scripts }) => Object.keys(scripts).map((title) => `${about}: ${title}`));
const entries = differences.flatMap(({ scripts }) => Object.entries(scripts));
const releases = versionDifferences.flatMap(({ scripts }) => Object.entries(scripts));

it("compares at least 150 scripts with unique names", () => {
  expect(names.length).toBeGreaterThanOrEqual(150);
  expect(new Set(names).size).toBe(names.length);
});

it("lists each difference once, by the name of an existing script", () => {
  const listed = entries.map(([name]) => name);
  expect(listed.filter((name) => !names.includes(name))).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
  expect(releases.map(([name]) => name).filter((name) => !names.includes(name))).toEqual([]);
});

it.each(entries)("lists different answers for %s", (_, { ours, real }) => {
  // A row may be about one release; it has the equal answers of the other one, too.
  const answers = (["2.9", "2.14"] as const).map((release) => ({
    ours: transcriptFor(ours, release),
    real: transcriptFor(real, release),
  }));
  expect(answers).not.toEqual(answers.map(({ ours }) => ({ ours, real: ours })));
});

it("generates docs/differences.md", async () => {
  const rewrite = "update it with: npx vitest run --project parity differences --update";
  const page = differencesPage(differences, versionDifferences, names.length);
  await expect(page, rewrite).toMatchFileSnapshot("../../../docs/differences.md");
});

it("counts the scripts in docs/reliability.md", () => {
  const page = readFileSync(new URL("../../../docs/reliability.md", import.meta.url), "utf8");
  expect(page).toContain(`| ${names.length} scripts and `);
});
