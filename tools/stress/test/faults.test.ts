// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { run } from "../src/run.ts";

const FAULTS = 200;
const SEED = 1;

it(`${FAULTS} faults before a real nats-server: none leaves a dead connection open, order is kept, nothing comes twice, every loss is counted`, async () => {
  const { faults, kinds, zombies, broken, reconnects } = await run(FAULTS, SEED);
  expect(broken, `again with: npm run faults -- --faults ${FAULTS} --seed ${SEED}`).toEqual([]);
  expect({ faults, zombies }).toEqual({ faults: FAULTS, zombies: 0 });
  // Each has happened, and most of them cost the connection.
  expect(Object.values(kinds).every((times) => times > 0)).toBe(true);
  expect(reconnects).toBeGreaterThan(FAULTS / 2);
});
