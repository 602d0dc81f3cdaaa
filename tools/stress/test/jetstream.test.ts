// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { soakJetStream } from "../src/jetstream/soak.ts";

// The first disaster is a kill, the second one an outage.
const SEED = 16;

it("loses no acknowledged JetStream message, and ends every promise", async () => {
  const { broken, disasters, published, delivered, puts, replies } = await soakJetStream(0.05, SEED, 300);
  expect(broken, `run again with: npm run faults -- jetstream --minutes 1 --seed ${SEED}`).toEqual([]);
  expect(disasters.kill).toBeGreaterThan(0);
  expect(delivered).toBe(2 * published);
  for (const times of [published, puts, replies]) expect(times).toBeGreaterThan(0);
}, 60_000);
