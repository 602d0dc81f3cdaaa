// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { chart } from "../src/chart.ts";

const read = (name: string): string => readFileSync(new URL(`../../../docs/results/${name}`, import.meta.url), "utf8");
const { rows, runtimes } = JSON.parse(read("bench.json"));

it("is the chart of docs/results/bench.json (npm run bench -- chart)", () => {
  expect(read("bench.svg")).toBe(chart(rows, runtimes));
});

it("has a bar per workload and runtime, and a line at 1x", () => {
  const svg = chart(rows, runtimes);
  expect(svg.match(/class="b\d" x="\S+" y="\S+" width="28"/g)).toHaveLength(5 * runtimes.length);
  const [, one] = /class="one" d="M48 (\S+)H/.exec(svg)!;
  const [, five] = /class="grid" d="M48 (\S+)H\d+"\/><text [^>]*>5x</.exec(svg)!;
  // The axis is at 316.
  expect((316 - Number(one)) * 5).toBeCloseTo(316 - Number(five), 0);
  expect(svg).toContain("nats-core = 1x");
});
