// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const siege = fileURLToPath(new URL("../dist/siege.js", import.meta.url));

it("npm run serve loses no message of a client while others send garbage", () => {
  const output = execFileSync(process.execPath, [siege, "--time", "5"], { encoding: "utf8" });
  const figures = JSON.parse(output.trimEnd().split("\n").at(-1)!);
  for (const name of ["connections", "frames", "published", "requests"]) expect(figures[name]).toBeGreaterThan(10);
  expect(figures.delivered).toBe(4 * figures.published);
});
