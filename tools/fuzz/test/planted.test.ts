// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { bugs } from "../src/planted.ts";

it.each(bugs)("planted bug has exactly one place: $what", ({ where = "codec", file, right }) => {
  const source = readFileSync(new URL(`../../../packages/${where}/src/${file}`, import.meta.url), "utf8");
  expect(source.split(right).length).toBe(2);
});
