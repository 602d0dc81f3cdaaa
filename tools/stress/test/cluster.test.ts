// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { killNodes } from "../src/cluster.ts";

it("moves to another cluster node in order, without duplicates", async () => {
  const { broken, kills, reconnects, lost, unknown } = await killNodes(2);
  expect(broken, "run again with: npm run faults -- cluster --kills 2").toEqual([]);
  expect(reconnects).toBeGreaterThanOrEqual(kills);
  expect(lost).toBeLessThanOrEqual(unknown);
});
