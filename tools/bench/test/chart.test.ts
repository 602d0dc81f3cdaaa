// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { chart } from "../src/chart.ts";

const results = resolve(import.meta.dirname, "../../../docs/results");

it("draws docs/results/bench.svg from docs/results/bench.json", () => {
  const { rows, runtimes } = JSON.parse(readFileSync(resolve(results, "bench.json"), "utf8"));
  expect(chart(rows, runtimes)).toBe(readFileSync(resolve(results, "bench.svg"), "utf8"));
});
