// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { killNodes } from "../src/cluster.ts";

it("the node in use of a real cluster of three is killed under load: its clients go on elsewhere, in order, nothing twice, every loss counted", async () => {
  const { broken, kills, reconnects, lost, unknown } = await killNodes(2);
  expect(broken, "again with: npm run faults -- cluster --kills 2").toEqual([]);
  expect(reconnects).toBeGreaterThanOrEqual(kills);
  expect(lost).toBeLessThanOrEqual(unknown);
});
