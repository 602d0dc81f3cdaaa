// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { ReadyWaiters } from "../src/client/ready-waiters.ts";
import { VirtualClock } from "../src/index.ts";

it("ready() resolves for every caller when there is room", async () => {
  const relief = new ReadyWaiters();
  const waiting = [relief.wait({}, new VirtualClock()), relief.wait({ timeout: 10 }, new VirtualClock())];
  expect(relief.size).toBe(2);
  relief.notify();
  await Promise.all(waiting);
  expect(relief.size).toBe(0);
});

it("ready() forgets a caller at its timeout", async () => {
  const [relief, clock, leaving] = [new ReadyWaiters(), new VirtualClock(), new AbortController()];
  const gaveUp = Promise.allSettled([
    relief.wait({ timeout: 10 }, clock),
    relief.wait({ signal: leaving.signal }, clock),
    relief.wait({ signal: AbortSignal.abort() }, clock),
  ]);
  clock.pass(10);
  leaving.abort();
  expect((await gaveUp).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(relief.size).toBe(0);
});
