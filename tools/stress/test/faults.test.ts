// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { run } from "../src/run.ts";

const FAULTS = 200;
const SEED = 1;

it(`recovers from ${FAULTS} faults in order, without duplicates, counting every loss`, async () => {
  const { faults, kinds, zombies, broken, reconnects } = await run(FAULTS, SEED);
  expect(broken, `run again with: npm run faults -- --faults ${FAULTS} --seed ${SEED}`).toEqual([]);
  expect({ faults, zombies }).toEqual({ faults: FAULTS, zombies: 0 });
  // Each kind was injected, and most of them ended the connection.
  expect(Object.values(kinds).every((times) => times > 0)).toBe(true);
  expect(reconnects).toBeGreaterThan(FAULTS / 2);
});
