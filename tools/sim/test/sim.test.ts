// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { laws } from "../src/laws.ts";
import { load } from "../src/load.ts";
import { bugs, search } from "../src/planted.ts";
import { rare } from "../src/rare.ts";
import { run } from "../src/run.ts";
import { simulate } from "../src/simulation.ts";
import { lawTable } from "../src/table.ts";

const under = await load();
const page = readFileSync(new URL("../../../docs/results/simulation.md", import.meta.url), "utf8");

describe("a simulation", () => {
  it("leaves the same trace for the same seed only", async () => {
    const one = await simulate(7, under, true);
    const again = await simulate(7, under, true);
    const other = await simulate(8, under, true);
    expect(again).toEqual(one);
    expect(other.hash).not.toBe(one.hash);
    // The hash does not depend on whether the lines are kept.
    expect((await simulate(7, under)).hash).toBe(one.hash);
  });

  it("prints frames like NATS, a line for each step", async () => {
    const { lines: all } = await simulate(13, under, true);
    const lines = all.map((line) => line.slice(12));
    expect(lines).toContain("c1 <- s1  INFO {…}");
    expect(lines).toContain("c1 -> s1  CONNECT {…}");
    expect(lines).toContain("c1: connected to 127.0.0.1:4222");
    expect(lines).toContain("* no more faults");
  });

  it("finds a planted bug with a seed that finds nothing without the bug", async () => {
    const outcome = await search(bugs[1]!);
    expect(outcome?.broken).toMatchObject({ law: "once" });
    expect((await simulate(outcome!.seed, under)).broken).toBe(undefined);
  });

  it("breaks no law over 60 seeds and counts rare states", async () => {
    const summary = await run(5000, 60, under, () => {});
    expect(summary.broken).toEqual([]);
    expect(summary.seen.get("stale")).toBeGreaterThan(0);
    expect(summary.seen.size + summary.missing.length).toBe(Object.keys(rare).length);
    expect((await run(5000, 60, under, () => {})).hash).toBe(summary.hash);
  });
});

describe("docs/results/simulation.md", () => {
  it("has the table of laws", () => {
    expect(page).toContain(lawTable());
  });

  it("lists every rare state, each of which occurred", () => {
    for (const state of Object.values(rare)) expect(page).toMatch(new RegExp(`^\\| ${state} \\| [1-9]\\d* \\|$`, "m"));
  });

  it("has the numbers of laws, rare states and planted bugs", () => {
    expect(page).toContain(`${Object.keys(laws).length} laws`);
    expect(page).toContain(`${Object.keys(rare).length} rare states`);
    expect(page).toContain(`${bugs.length} mistakes`);
  });
});

it.each(bugs)("one place to plant the bug: $what", ({ where = "session", file, right }) => {
  const source = readFileSync(new URL(`../../../packages/${where}/src/${file}`, import.meta.url), "utf8");
  expect(source.split(right).length).toBe(2);
});
