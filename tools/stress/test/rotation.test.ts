// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { rotate } from "../src/rotation.ts";

const ROTATIONS = 12;
const SEED = 3;

it("reads rotated certificates at each attempt; a cut file costs only one", async () => {
  const { broken, flawed, replaced, restarts, lost, unknown } = await rotate(ROTATIONS, SEED);
  expect(broken, `run again with: npm run faults -- rotation --rotations ${ROTATIONS} --seed ${SEED}`).toEqual([]);
  // Each kind of rotation occurred.
  for (const times of [flawed.cut, flawed.old, replaced, restarts]) expect(times).toBeGreaterThan(0);
  expect(lost).toBeLessThanOrEqual(unknown);
});
