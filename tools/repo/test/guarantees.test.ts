// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { promisesIn, promisesPage, type Tests } from "../promises.ts";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(resolve(root, "docs/reliability.md"), "utf8");
const tests = JSON.parse(readFileSync(resolve(root, "tools/repo/promises.json"), "utf8")) as Tests;

it("lists every promise in docs/reliability.md", () => {
  const numbers = (letter: string, length: number): string[] => Array.from({ length }, (_, i) => `${letter}${i + 1}`);
  const all = [...numbers("S", 15), ...numbers("V", 12), ...numbers("C", 10), ...numbers("A", 8), ...numbers("J", 2)];
  expect(promisesIn(page).map(({ number }) => number)).toEqual(all);
  expect(Object.keys(tests)).toEqual(all);
});

it.each(Object.entries(tests))("names only existing tests for promise %s", (_, files) => {
  expect(Object.keys(files).some((file) => file.endsWith(".test.ts"))).toBe(true);
  for (const [file, titles] of Object.entries(files)) {
    expect(existsSync(resolve(root, file)), file).toBe(true);
    const code = readFileSync(resolve(root, file), "utf8");
    expect(titles.length).toBeGreaterThan(0);
    for (const title of titles) expect(code).toContain(title);
  }
});

it("generates docs/results/promises.md", async () => {
  const rewrite = "update it with: npx vitest run --project repo guarantees --update";
  const read = (file: string): string => readFileSync(resolve(root, file), "utf8");
  await expect(promisesPage(page, tests, read), rewrite).toMatchFileSnapshot("../../../docs/results/promises.md");
});

it("sums up results/mutants.json in docs/reliability.md", () => {
  type Figures = { killed: number; equivalent: number; survivors: string[] };
  const results = readFileSync(resolve(root, "docs/results/mutants.json"), "utf8");
  const files = Object.entries(JSON.parse(results) as Record<string, Figures>);
  let made = 0;
  for (const name of ["codec", "server", "session"]) {
    const own = files.filter(([file]) => file.startsWith(`${name}/`)).map(([, figures]) => figures);
    const sum = (of: (one: Figures) => number): number => own.reduce((total, one) => total + of(one), 0);
    const killed = sum((one) => one.killed);
    const equivalent = sum((one) => one.equivalent);
    const decidable = killed + sum(({ survivors }) => survivors.length);
    made += decidable + equivalent;
    const [all, same, dead] = [decidable + equivalent, equivalent, killed].map((count) => count.toLocaleString("en"));
    const percent = ((100 * killed) / decidable).toFixed(1);
    expect(page).toContain(`| ${name} | ${all} | ${same} | ${dead} | ${percent} % |`);
  }
  expect(page).toContain(`changed in ${made.toLocaleString("en")} small ways`);
});

it("knows mutants of existing files and code only", () => {
  type Equivalent = { code: string };
  const equivalents = readFileSync(resolve(root, "tools/mutation/equivalents.json"), "utf8");
  const known = Object.entries(JSON.parse(equivalents) as Record<string, Equivalent[]>);
  const stale = known.flatMap(([file, of]) => of.filter(({ code }) => !sourceOf(file).includes(code)));
  expect(stale).toEqual([]);
  const results = readFileSync(resolve(root, "docs/results/mutants.json"), "utf8");
  for (const file of Object.keys(JSON.parse(results) as object)) expect(sourceOf(file)).not.toBe("");
});

/** Returns the source of a file by its name in the results, e.g. `codec/encode/encoder`. */
function sourceOf(name: string): string {
  const [, of, file] = /^(\w+)\/(.*)$/.exec(name)!;
  return readFileSync(resolve(root, `packages/${of}/src/${file}.ts`), "utf8");
}
